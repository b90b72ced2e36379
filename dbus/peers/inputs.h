/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_INPUTS_H
#define DBUS_INPUTS_H

struct bus;

/* Passes the reports of other services to the manager: UPower, logind, systemd. */
struct inputs;

/* Follows the services that the options allow and the configuration needs, and stops following the others. Called at start and
 * whenever the rules change. A failure is logged, and the manager then has no reports of that service. */
void inputs_update(struct bus *bus);
void inputs_stop(struct bus *bus);

#endif
