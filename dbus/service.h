/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SERVICE_H
#define DBUS_SERVICE_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "dbus/bus/options.h"

struct bus;
struct manager;

/* Connects to the system bus (or to DBUS_SYSTEM_BUS_ADDRESS), registers all objects, requests the names
 * org.freedesktop.UPower.PowerProfiles, net.hadess.PowerProfiles and org.governord, and registers the manager's listener. It must
 * be called before manager_start(), so that a second instance fails (-EEXIST) before it has written to the hardware. Calls that
 * arrive before the loop runs are handled by the loop. If a name is lost later, the loop ends with EXIT_SUCCESS; if the connection
 * is lost, with EXIT_FAILURE. Returns 0 and *ret, or a negative errno after it has been logged. `manager` must outlive the bus. */
int bus_new(sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
/* The steps of bus_new() for an existing connection without bus names: bus_new_on() registers the objects, bus_start() registers
 * the manager's listener. */
int bus_new_on(sd_bus *sd, sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
int bus_start(struct bus *bus);
/* Removes the manager's listener, sends queued messages, and closes the connection. Accepts NULL; returns NULL. It must be called
 * after manager_stop() and sessions_stop(), so that owners receive the signals for the end of their holds and sessions. */
struct bus *bus_free(struct bus *bus);

/* Prints all interfaces as introspection XML, without a bus. Returns an exit status. */
int bus_print_interfaces(void);

#endif
