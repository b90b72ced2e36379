/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_PROPERTIES_H
#define DBUS_SESSION_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/sessions/session.h"

struct bus;

/* The userdata of property getters and methods, set when an object's path is looked up. */
struct session_object {
        struct bus *bus;
        struct session *session;
};

/* True if the sender of `call` may see everything of a session: its user, and root. Others see that it exists, its user, and
 * whether it is active. */
bool session_is_visible(struct bus *bus, const struct session *session, sd_bus_message *call);
/* The getter of the vtable. In broadcast signals it returns the values that every user may see. */
int session_get(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                sd_bus_error *error);
/* Sends PropertiesChanged to the owner only, with the properties that have a bit in `mask`. */
int session_signal_owner(struct bus *bus, const struct session *session, uint32_t mask);
/* The current CPUs of the session, in the kernel's list format: "0-3,8". malloc'ed; NULL if memory is short. */
char *session_cpus(const struct session *session);

#endif
