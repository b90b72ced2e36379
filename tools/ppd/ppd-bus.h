/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PPD_BUS_H
#define TOOLS_PPD_BUS_H

#include <stdbool.h>

#include <systemd/sd-bus.h>

#define PPD_NAME "org.freedesktop.UPower.PowerProfiles"
#define PPD_PATH "/org/freedesktop/UPower/PowerProfiles"

/* Calls to the owner of the power-profiles-daemon API's name on the bus. All return a negative errno and fill `error`; the
 * connection is made at the first call. */
int ppd_get(const char *property, const char *type, sd_bus_message **ret, sd_bus_error *error);
int ppd_get_string(const char *property, char **ret, sd_bus_error *error);
int ppd_set(const char *property, sd_bus_error *error, const char *type, ...);
int ppd_call(const char *method, sd_bus_message **ret, sd_bus_error *error, const char *types, ...);
/* Prints an error message on stderr, and returns the exit status. */
int ppd_failed(const sd_bus_error *error, int r);
void ppd_disconnect(void);

/* Calls `each` for each dictionary of an aa{sv}, in reverse order with `reverse`. Keys and values are pairs of texts, terminated by
 * NULL; booleans are "True" and "False", as Python prints them. Values of other types than text, bool and number are left out. */
int ppd_each_dict(sd_bus_message *m, bool reverse, void (*each)(char *const *pairs, void *userdata), void *userdata);
/* Returns the value of a key, or NULL. */
const char *ppd_value(char *const *pairs, const char *key);

#endif
