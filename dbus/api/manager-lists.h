/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MANAGER_LISTS_H
#define DBUS_MANAGER_LISTS_H

#include <systemd/sd-bus.h>

/* Read-only methods of Manager1. */
int manager_method_list_requests(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_drivers(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_knobs(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_explain(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_why(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_cpus(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_get_statistics(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_dump(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
