/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_PROPERTIES_H
#define DBUS_SESSION_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/sessions/session.h"

struct bus;

/* Userdata of property getters and methods, set by the lookup of the object's path. */
struct session_object {
        struct bus *bus;
        struct session *session;
};

/* True if the sender of `call` may read all properties of a session, which is the case for root and the session's user. Other users
 * can see only that the session exists, its user, and whether it is active. */
bool session_is_visible(struct bus *bus, const struct session *session, sd_bus_message *call);
/* Getter for the vtable. For broadcast signals it returns only the values that every user may see. */
int session_get(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                sd_bus_error *error);
/* Sends PropertiesChanged, with the properties that have a bit in `mask`, to the owner only. */
int session_signal_owner(struct bus *bus, const struct session *session, uint32_t mask);
/* Returns the current CPUs of the session in the kernel's list format ("0-3,8"), malloc'ed; NULL if the allocation fails. */
char *session_cpus(const struct session *session);

#endif
