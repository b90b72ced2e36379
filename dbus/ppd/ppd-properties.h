/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_PROPERTIES_H
#define DBUS_PPD_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

/* Getter for all properties of both vtables. */
int ppd_get(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
            sd_bus_error *error);

/* Parses the name of a base profile. Returns 0, or -ENOENT for any other name. */
int ppd_base_parse(const char *name, enum profile_base *ret);
/* Returns the base profile that these interfaces show as active. */
enum profile_base ppd_active_base(const struct manager *manager);
/* Returns true and the base profile in *ret if the request is a hold that these interfaces list, else false. */
bool ppd_hold_base(const struct manager *manager, const struct request *request, enum profile_base *ret);
/* Returns the DEGRADED_* bits that these interfaces show. */
uint32_t ppd_degraded(const struct manager *manager);

#endif
