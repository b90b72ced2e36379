/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PPD_BUS_H
#define TOOLS_PPD_BUS_H

#include <stdbool.h>

#include <systemd/sd-bus.h>

#define PPD_NAME "org.freedesktop.UPower.PowerProfiles"
#define PPD_PATH "/org/freedesktop/UPower/PowerProfiles"

/* Calls to the service that owns the bus name of power-profiles-daemon. The first call connects to the bus. On failure they return
 * a negative errno; `error` is then set, too, unless the connection to the bus failed. */
int ppd_get(const char *property, const char *type, sd_bus_message **ret, sd_bus_error *error);
int ppd_get_string(const char *property, char **ret, sd_bus_error *error);
int ppd_set(const char *property, sd_bus_error *error, const char *type, ...);
int ppd_call(const char *method, sd_bus_message **ret, sd_bus_error *error, const char *types, ...);
/* Reports a failed call on standard error. Returns the exit status. */
int ppd_failed(const sd_bus_error *error, int r);
void ppd_disconnect(void);

/* Calls `each` for each dictionary of an aa{sv}, in reverse order with `reverse`. `pairs` has keys and values alternately, terminated by
 * NULL; booleans are "True" and "False", as Python prints them. Values that are neither strings nor booleans are left out. */
int ppd_each_dict(sd_bus_message *m, bool reverse, void (*each)(char *const *pairs, void *userdata), void *userdata);
/* Returns the value of a key, or NULL. */
const char *ppd_value(char *const *pairs, const char *key);

#endif
