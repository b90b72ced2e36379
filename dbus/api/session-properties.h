/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_PROPERTIES_H
#define DBUS_SESSION_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/sessions/session.h"

struct bus;

/* What a property getter works on, made by the lookup of an object's path. */
struct session_object {
        struct bus *bus;
        struct session *session;
};

/* True when the sender of `call` may see everything of a session: its user, and root. Others see that it is there, whose it is and whether it
 * is active. */
bool session_is_visible(struct bus *bus, const struct session *session, sd_bus_message *call);
/* The getter for the table. In signals to all it shows what everybody may see. */
int session_get(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                sd_bus_error *error);
/* Sends the properties to the owner alone whose row has a bit in `mask`. */
int session_tell_owner(struct bus *bus, const struct session *session, uint32_t mask);
/* CPUs of the session now, as the kernel writes lists: "0-3,8". malloc'ed; NULL when memory is short. */
char *session_cpus(const struct session *session);

#endif
