/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct bus;
struct message;

/* Bus names that have something in a part of the service (requests, sessions, calls that wait for polkit). They are watched until
 * they leave the bus or no longer have anything. */
struct owner;
struct owners {
        struct owner *first;
        sd_bus_slot *together; /* the common match of owners without one of their own; NULL: there are none */
        bool limit_logged;
};

int owners_start(struct bus *bus);
void owners_stop(struct bus *bus);

/* From now on, owner_gone() of all parts is called when the sender of `call` leaves the bus. If the sender had left before, later
 * calls to the bus about it fail. -ENOBUFS and a sentence if the bus allows no further watch. */
int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret);
/* Stops watching owners that no longer have anything. */
void owners_prune(struct bus *bus);

#endif
