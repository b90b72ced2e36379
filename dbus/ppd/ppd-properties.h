/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_PROPERTIES_H
#define DBUS_PPD_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

/* The getter for both tables. */
int ppd_get(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
            sd_bus_error *error);

/* The base profile of a name; negative errno when it is none of the three. */
int ppd_base_parse(const char *name, enum profile_base *ret);
/* The base profile that is shown as active. */
enum profile_base ppd_active_base(const struct manager *manager);
/* The base profile of a hold that is listed; false for all other requests. */
bool ppd_hold_base(const struct manager *manager, const struct request *request, enum profile_base *ret);
/* The degradation that this API shows. */
uint32_t ppd_degraded(const struct manager *manager);

#endif
