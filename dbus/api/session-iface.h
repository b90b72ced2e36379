/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_IFACE_H
#define DBUS_SESSION_IFACE_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "core/sessions/sessions.h"

#define SESSION_PREFIX    "/org/governord/session"
#define SESSION_INTERFACE "org.governord.Session1"

/* What a property getter works on, made by the lookup of an object's path. */
struct session_object {
        struct bus *bus;
        struct session *session;
};

/* "/org/governord/session/4294967295" */
#define SESSION_PATH_MAX 40

struct bus;

extern const sd_bus_vtable session_vtable[];

/* Objects for the bus's sessions, if it has any, and their signals. */
int sessions_iface_register(struct bus *bus);
void sessions_iface_unregister(struct bus *bus);
/* Tells the sessions what the configuration allows now. */
void sessions_iface_limit(struct bus *bus);

void session_path(const struct session *session, char ret[SESSION_PATH_MAX]);
/* True when the sender of `call` may see everything of a session: its user, and root. Others see that it is there, whose it is and whether it
 * is active. */
bool session_is_visible(struct bus *bus, const struct session *session, sd_bus_message *call);
/* Of session-properties.c: getters for the table. In signals to all they show what everybody may see. */
int session_get(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                sd_bus_error *error);
/* Sends the properties to the owner alone whose row has a bit in `mask`. */
int session_tell_owner(struct bus *bus, const struct session *session, uint32_t mask);
/* CPUs of the session now, as the kernel writes lists: "0-3,8". malloc'ed; NULL when memory is short. */
char *session_cpus(const struct session *session);

/* Of session-open.c: methods of Manager1. */
int manager_method_open_session(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
