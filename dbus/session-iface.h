/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_IFACE_H
#define DBUS_SESSION_IFACE_H

#include <systemd/sd-bus.h>

#include "core/sessions.h"

#define SESSION_PREFIX    "/org/governord/session"
#define SESSION_INTERFACE "org.governord.Session1"

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
/* Of session-properties.c: getters for the table. */
int session_get_fact(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                     void *userdata, sd_bus_error *error);
int session_get_counter(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                        void *userdata, sd_bus_error *error);
/* CPUs of the session now, as the kernel writes lists: "0-3,8". malloc'ed; NULL when memory is short. */
char *session_cpus(const struct session *session);

/* Of session-open.c: methods of Manager1. */
int manager_method_open_session(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
