/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PPD_BUS_H
#define TOOLS_PPD_BUS_H

#include <stdbool.h>

#include <systemd/sd-bus.h>

#define PPD_NAME "org.freedesktop.UPower.PowerProfiles"
#define PPD_PATH "/org/freedesktop/UPower/PowerProfiles"

/* Calls to whoever speaks the power-profiles-daemon API. All return negative errno and fill `error`; the connection is made on
 * first use. */
int ppd_get(const char *property, const char *type, sd_bus_message **ret, sd_bus_error *error);
int ppd_get_string(const char *property, char **ret, sd_bus_error *error);
int ppd_set(const char *property, sd_bus_error *error, const char *type, ...);
int ppd_call(const char *method, sd_bus_message **ret, sd_bus_error *error, const char *types, ...);
/* Says on stderr what went wrong, and returns the exit status for it. */
int ppd_failed(const sd_bus_error *error, int r);
void ppd_disconnect(void);

/* Calls `each` for each dictionary of an aa{sv}, from the last one back with `reverse`. The keys and values are NULL-terminated
 * pairs of texts; True and False as Python prints them. Values that are no text, bool or number are left out. */
int ppd_each_dict(sd_bus_message *m, bool reverse, void (*each)(char *const *pairs, void *userdata), void *userdata);
/* The value of a key, or NULL. */
const char *ppd_value(char *const *pairs, const char *key);

#endif
