/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UNITS_H
#define DBUS_UNITS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Whether units of the system's service manager are active ("active", "reloading", "refreshing"). */

struct units;

/* As many as objects can be followed: PEER_FOLLOWED_MAX. */
#define UNITS_MAX 64

/* Called for changes. A unit is inactive at first, and while systemd cannot be reached. The callback must not call functions of
 * this header. */
typedef void (*units_callback)(const char *unit, bool active, void *userdata);

int units_new(sd_bus *bus, units_callback callback, void *userdata, struct units **ret);
struct units *units_free(struct units *units);

/* `unit` is a full name ("backup.service") and not an alias, because systemd reports units by their primary name. It must stay
 * valid. 0, also if the unit was added before; -EINVAL for an invalid name; -E2BIG after UNITS_MAX. A unit that does not exist
 * counts as inactive. */
int units_add(struct units *units, const char *unit);
/* Removes all units, without callbacks. */
void units_clear(struct units *units);

#endif
