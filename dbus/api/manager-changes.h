/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MANAGER_CHANGES_H
#define DBUS_MANAGER_CHANGES_H

#include <systemd/sd-bus.h>

/* The method ReleaseRequest. It needs no authorization by polkit. */
int manager_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* The methods HoldProfile, RequestLevel, SetLevel, Reload and LoadGovernor, which polkit must authorize. */
int manager_method_guarded(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* Writes ActiveProfile; called after authorization by polkit. */
int manager_set_active_profile(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
