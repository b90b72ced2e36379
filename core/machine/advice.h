/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ADVICE_H
#define CORE_ADVICE_H

#include "core/config/config.h"

/* Lines of a configuration that are well formed and can have no effect: a knob that no driver has, a unit that the knob does not have.
 * Known from the tables of the drivers alone; no function of a driver is called. */

struct known_drivers {
        const struct gov_driver **items;
        size_t n;
};

struct plugin;
/* Those plugins that have a table. 0 or -ENOMEM; ret->items is the caller's. */
int known_drivers_of(struct plugin *const *plugins, size_t n_plugins, struct known_drivers *ret);

#define ADVICE_MAX 256

/* True when the line can have no effect with these drivers; `ret` has ADVICE_MAX bytes and says why: the driver or knob that there is not,
 * a knob that can only be read, values of another kind. */
bool advice_from_tables(const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* The same, and values that are nearly those of the built-in defaults. */
bool advice_on_line(const struct config *config, const struct known_drivers *drivers, const struct profile_line *line, char *ret);
/* Calls `each` for everything in [driver] sections, `enable` and `block` that names nothing. */
void advice_on_names(const struct config *config, const struct known_drivers *drivers,
                     void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);
/* Lines that a later one of their file overrides. */
void advice_on_overridden(const struct config *config, void (*each)(const char *origin, const char *reason, void *userdata),
                          void *userdata);
/* What the drivers tell, each line once. */
void advice_on_config(const struct config *config, const struct known_drivers *drivers,
                      void (*each)(const char *origin, const char *reason, void *userdata), void *userdata);

#endif
