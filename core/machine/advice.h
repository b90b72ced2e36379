/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ADVICE_H
#define CORE_ADVICE_H

#include "core/config/config.h"

/* Finds lines of a configuration that are well formed but can have no effect: no driver has the knob, or the knob does not have the
 * unit. The tables of the drivers are enough for that; no function of a driver is called. */

struct known_drivers {
        const struct gov_driver **items;
        size_t n;
};

struct plugin;
/* Collects the drivers of all plugins that have a table. Returns 0 or -ENOMEM; the caller frees ret->items. */
int known_drivers_of(struct plugin *const *plugins, size_t n_plugins, struct known_drivers *ret);

#define ADVICE_MAX 256

/* Returns true when the line can have no effect with these drivers. `ret` has ADVICE_MAX bytes and receives the reason: a driver or
 * knob that does not exist, a knob that can only be read, or values of another kind. */
bool advice_from_tables(const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* As advice_from_tables(), and also returns true for a value that is a likely misspelling of one in the built-in defaults. */
bool advice_on_line(const struct config *config, const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* Calls `each` for every driver and key of [driver] sections and for every name in `enable` and `block` that does not exist. */
void advice_on_names(const struct config *config, const struct known_drivers *drivers,
                     void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);
/* Calls `each` for every line that a later line of the same file overrides. */
void advice_on_overridden(const struct config *config, void (*each)(const char *origin, const char *reason, void *userdata),
                          void *userdata);
/* Calls `each` for every line that advice_on_line() reports, once for each line. */
void advice_on_config(const struct config *config, const struct known_drivers *drivers,
                      void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);

#endif
