/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_IFACE_H
#define DBUS_SESSION_IFACE_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct bus;

extern const sd_bus_vtable session_vtable[];

/* The objects of sessions and their signals. If the service does not support sessions, there are no objects. */
int sessions_iface_register(struct bus *bus);
void sessions_iface_unregister(struct bus *bus);
/* Applies the limits of the current configuration to the sessions. */
void sessions_iface_limit(struct bus *bus);
/* Implement owns() and owner_gone() of struct bus_part. */
bool sessions_iface_owns(const struct bus *bus, const char *owner);
void sessions_iface_owner_gone(struct bus *bus, const char *owner);

#endif
