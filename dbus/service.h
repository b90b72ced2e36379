/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SERVICE_H
#define DBUS_SERVICE_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "dbus/bus/options.h"

struct bus;
struct manager;

/* Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS is honoured), registers every object, then requests the names
 * org.freedesktop.UPower.PowerProfiles, net.hadess.PowerProfiles and org.governord, and listens to the manager. Call it before
 * manager_start(): a second instance must fail here (-EEXIST, exit code 1) before it has touched any hardware; calls that arrive
 * meanwhile wait for the loop. A name lost later ends the loop with 0, a lost connection with EXIT_FAILURE.
 * Returns 0 and *ret, or a negative errno, which has been logged. `manager` must outlive the bus. */
int bus_new(sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
/* The two halves of bus_new(), for an existing connection that needs no names: bus_new_on() registers the objects, bus_start() adds
 * the manager's listener. */
int bus_new_on(sd_bus *sd, sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
int bus_start(struct bus *bus);
/* Stops listening to the manager, sends the messages that are still queued, and closes the connection. Takes NULL, returns NULL.
 * Call it after manager_stop() and sessions_stop(), so that owners receive the signals that end their holds and sessions. */
struct bus *bus_free(struct bus *bus);

/* Prints all interfaces as introspection XML, without a bus. Returns an exit status. */
int bus_print_interfaces(void);

#endif
