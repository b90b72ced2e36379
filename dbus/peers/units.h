/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UNITS_H
#define DBUS_UNITS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Follows whether units of the system's service manager are active (states "active", "reloading" and "refreshing"). */

struct units;

/* Limited by the number of objects that a peer can follow, PEER_FOLLOWED_MAX. */
#define UNITS_MAX 64

/* Called when the state of a unit changes. A unit counts as inactive until systemd has reported its state, and while systemd cannot
 * be reached. The callback must not call functions of this header. */
typedef void (*units_callback)(const char *unit, bool active, void *userdata);

int units_new(sd_bus *bus, units_callback callback, void *userdata, struct units **ret);
struct units *units_free(struct units *units);

/* `unit` is a full name ("backup.service"), and not an alias, because systemd reports units by their primary name. The string must
 * stay valid. A unit that does not exist counts as inactive. Returns 0, also if the unit was added before; -EINVAL for an invalid
 * name; -E2BIG if UNITS_MAX units are followed; or another negative errno. */
int units_add(struct units *units, const char *unit);
/* Removes all units, without callbacks. */
void units_clear(struct units *units);

#endif
