/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MANAGER_IFACE_H
#define DBUS_MANAGER_IFACE_H

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

#define GOVERNORD_NAME    "org.governord"
#define GOVERNORD_PATH    "/org/governord"
#define MANAGER_INTERFACE "org.governord.Manager1"

struct bus;

extern const sd_bus_vtable manager_vtable[];

int manager_iface_register(struct bus *bus);
/* PropertiesChanged for a mask of CHANGED_*. */
int manager_iface_emit_changes(struct bus *bus, uint32_t changed);
/* The signals Changed, RequestAdded (one for each row of ListRequests) and RequestRemoved, to all, and RequestEnded, to the owner. */
int manager_iface_knobs_changed(struct bus *bus, const struct change_summary *summary);
int manager_iface_request_added(struct bus *bus, const struct request *request);
int manager_iface_request_removed(struct bus *bus, const struct request *request, const char *reason);
int manager_iface_ended(struct bus *bus, const struct request *request, const char *reason);

/* Of manager-lists.c and manager-changes.c: what can be asked, and what can be changed. */
int manager_method_list_requests(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_drivers(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_knobs(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_explain(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_why(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_governors(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_load_governor(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_cpus(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_dump(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* All that polkit guards: HoldProfile, RequestLevel, SetLevel, Reload. */
int manager_method_guarded(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_set_active_profile(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
