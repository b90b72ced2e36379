/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct bus;
struct message;

/* Bus names that own requests or sessions, or wait for polkit, watched until they leave or do neither any more. */
struct owner;
struct owners {
        struct owner *first;
        sd_bus_slot *together; /* of those without a match of their own, NULL: there are none */
        bool limit_logged;
};

/* From now on manager_owner_gone(), sessions_owner_gone() and polkit_owner_gone() are called when the sender of `call` leaves the bus. What
 * is asked of the bus about the same sender afterwards fails if it had left before. -ENOBUFS and a sentence when the bus allows no further watch. */
int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret);
/* Stops watching those that own neither. */
void owners_prune(struct bus *bus);
void owners_clear(struct owners *owners);

#endif
