/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_GOVERNOR_METHODS_H
#define DBUS_GOVERNOR_METHODS_H

#include <systemd/sd-bus.h>

int manager_method_list_governors(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* Called after authorization by polkit. */
int manager_load_governor(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
