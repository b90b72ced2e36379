/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_BUS_H
#define DBUS_BUS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/manager/manager.h"
#include "core/sessions/sessions.h"

struct bus;

struct bus_options {
        bool replace;        /* --replace: take the names from their present owner, if it allows that */
        bool disable_upower;
        bool disable_logind;
        bool ask_about_root;       /* polkit is asked about root, too: for rigs in which a mock of polkit stands for all users */
        struct sessions *sessions; /* NULL: OpenSession is refused with NotSupported. Must outlive the bus */
        const char *rung_reason;   /* why there is no higher rung, or none at all; NULL or "": nothing to say. Must stay valid */
};

/* Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS is honoured), puts every object in place, then takes
 * org.freedesktop.UPower.PowerProfiles, net.hadess.PowerProfiles and org.governord, and listens to the manager. Call it before
 * manager_start(): a second instance must fail here (-EEXIST, exit code 1) before it has touched any hardware; calls that arrive
 * meanwhile wait for the loop. A name lost later ends the loop with 0, a lost connection with EXIT_FAILURE.
 * 0 and *ret, or negative errno, already logged. `manager` must outlive the bus. */
int bus_new(sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
/* Sends what is still queued, stops listening to the manager, closes. Takes NULL, returns NULL. Call it after manager_stop()
 * and sessions_stop(), so that owners hear of the end of their holds and sessions. */
struct bus *bus_free(struct bus *bus);

/* Prints all interfaces as introspection XML, without a bus. Returns an exit status. */
int bus_print_interfaces(void);

#endif
