/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_OPEN_H
#define DBUS_SESSION_OPEN_H

#include <systemd/sd-bus.h>

/* Methods of Manager1. */
int manager_method_open_session(sd_bus_message *call, void *userdata, sd_bus_error *error);
int manager_method_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif
