/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct bus;
struct message;

/* Bus names that have anything at a part of the service (requests, sessions, calls that wait for polkit), watched until they leave or have
 * nothing any more. */
struct owner;
struct owners {
        struct owner *first;
        sd_bus_slot *together; /* of those without a match of their own, NULL: there are none */
        bool limit_logged;
};

int owners_start(struct bus *bus);
void owners_stop(struct bus *bus);

/* From now on owner_gone() of all parts is called when the sender of `call` leaves the bus. What is asked of the bus about the same sender
 * afterwards fails if it had left before. -ENOBUFS and a sentence when the bus allows no further watch. */
int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret);
/* Stops watching those that have nothing any more. */
void owners_prune(struct bus *bus);

#endif
