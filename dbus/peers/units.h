/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UNITS_H
#define DBUS_UNITS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Whether units of the system's systemd are active ("active", "reloading", "refreshing"). */

struct units;

/* As many as objects can be followed: PEER_FOLLOWED_MAX. */
#define UNITS_MAX 64

/* Called for changes; every unit starts as not active, and is not active when systemd can't be reached. Must not call into units. */
typedef void (*units_callback)(const char *unit, bool active, void *userdata);

int units_new(sd_bus *bus, units_callback callback, void *userdata, struct units **ret);
struct units *units_free(struct units *units);

/* `unit` is a full name ("backup.service"), not an alias (systemd speaks of units by their first name), and must stay valid.
 * 0 also when it was there; -EINVAL for what is no unit's name; -E2BIG. A unit that does not exist is not active until it is installed. */
int units_add(struct units *units, const char *unit);
/* Forgets all, without callbacks. */
void units_clear(struct units *units);

#endif
