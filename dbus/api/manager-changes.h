/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MANAGER_CHANGES_H
#define DBUS_MANAGER_CHANGES_H

#include <systemd/sd-bus.h>

/* Methods of Manager1 that change something. */
int manager_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* The methods that polkit must authorize: HoldProfile, RequestLevel, SetLevel, Reload, LoadGovernor. */
int manager_method_guarded(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* Writes ActiveProfile; called after authorization by polkit. */
int manager_set_active_profile(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
