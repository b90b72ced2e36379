/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_PROPERTIES_H
#define DBUS_PPD_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

/* The getter of both vtables. */
int ppd_get(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
            sd_bus_error *error);

/* The base profile of that name; a negative errno for any other name. */
int ppd_base_parse(const char *name, enum profile_base *ret);
/* The base profile that this API shows as active. */
enum profile_base ppd_active_base(const struct manager *manager);
/* The base profile of a hold that this API lists; false for all other requests. */
bool ppd_hold_base(const struct manager *manager, const struct request *request, enum profile_base *ret);
/* The bits DEGRADED_* that this API shows. */
uint32_t ppd_degraded(const struct manager *manager);

#endif
