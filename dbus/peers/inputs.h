/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_INPUTS_H
#define DBUS_INPUTS_H

struct bus;

/* Passes the states reported by UPower, logind and systemd to the manager. */
struct inputs;

/* Starts and stops following these services, as required by the options and the configuration. Called at start, and when the rules
 * or the actions change. A failure is logged; the manager then gets no state from that service. */
void inputs_update(struct bus *bus);
void inputs_stop(struct bus *bus);

#endif
