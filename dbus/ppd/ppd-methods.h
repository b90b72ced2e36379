/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_METHODS_H
#define DBUS_PPD_METHODS_H

#include <systemd/sd-bus.h>

#include "dbus/bus/polkit.h"

int ppd_method_hold(sd_bus_message *call, void *userdata, sd_bus_error *error);
int ppd_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
int ppd_method_set_action(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* The properties that can be written, after authorization by polkit. */
#define PPD_N_WRITABLE 2
extern const struct guarded ppd_writable[PPD_N_WRITABLE];

#endif
