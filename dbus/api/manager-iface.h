/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MANAGER_IFACE_H
#define DBUS_MANAGER_IFACE_H

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

struct bus;

extern const sd_bus_vtable manager_vtable[];

int manager_iface_register(struct bus *bus);
/* Emits PropertiesChanged for a mask of CHANGED_*. */
int manager_iface_emit_changes(struct bus *bus, uint32_t changed);
/* Broadcast Changed, RequestAdded (one signal for each row that the request has in ListRequests) and RequestRemoved.
 * manager_iface_ended() sends RequestEnded to the owner. */
int manager_iface_knobs_changed(struct bus *bus, const struct change_summary *summary);
int manager_iface_request_added(struct bus *bus, const struct request *request);
int manager_iface_request_removed(struct bus *bus, const struct request *request, const char *reason);
int manager_iface_ended(struct bus *bus, const struct request *request, const char *reason);

#endif
