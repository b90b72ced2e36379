/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ADVICE_H
#define CORE_ADVICE_H

#include "core/config/config.h"

/* Finds lines of a configuration that are well formed but cannot have an effect, because no driver has the knob, or because the
 * knob does not accept values of this kind. Only the tables of the drivers are read; no function of a driver is called. */

struct known_drivers {
        const struct gov_driver **items;
        size_t n;
};

struct plugin;
/* Collects the drivers of all plugins that were not refused. Returns 0 or -ENOMEM. The caller frees ret->items. */
int known_drivers_of(struct plugin *const *plugins, size_t n_plugins, struct known_drivers *ret);

#define ADVICE_MAX 256

/* Returns true if the line cannot have an effect with these drivers, and stores the reason in `ret`, which has ADVICE_MAX bytes:
 * the driver or knob does not exist, the knob is a sensor, or it accepts none of the values. */
bool advice_from_tables(const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* Like advice_from_tables(), but also returns true if a value seems to be a misspelling of one in the built-in defaults. */
bool advice_on_line(const struct config *config, const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* Calls `each` for every option of a [driver] section that no driver reads, and for every word of `enable` and `block` that names
 * no driver, knob or action. */
void advice_on_names(const struct config *config, const struct known_drivers *drivers,
                     void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);
/* Calls `each` for every line that a later line of the same file overrides. */
void advice_on_overridden(const struct config *config, void (*each)(const char *origin, const char *reason, void *userdata),
                          void *userdata);
/* Calls `each` once for every line of a profile that advice_on_line() reports, built-in lines excepted, and for all names that
 * advice_on_names() reports. */
void advice_on_config(const struct config *config, const struct known_drivers *drivers,
                      void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);

#endif
