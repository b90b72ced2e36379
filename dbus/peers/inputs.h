/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_INPUTS_H
#define DBUS_INPUTS_H

struct bus;

/* What other services tell the manager: UPower, logind, systemd. */
struct inputs;

/* Connects to those that the options allow and the configuration needs, and lets go of the rest. Called at start and whenever the rules
 * change. Failures are logged, and that input stays silent. */
void inputs_update(struct bus *bus);
void inputs_stop(struct bus *bus);

#endif
