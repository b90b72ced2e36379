/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <systemd/sd-bus.h>

struct bus;

/* Bus names that own requests or sessions, or wait for polkit, watched until they leave or do neither any more. */
struct owner;
struct owners {
        struct owner *first;
};

/* From now on manager_owner_gone(), sessions_owner_gone() and polkit_owner_gone() are called when the sender of `call` leaves the bus. The
 * watch is set up without waiting: what is asked of the bus about the same sender afterwards fails if it had left before. */
int owners_watch(struct bus *bus, sd_bus_message *call);
/* Stops watching those that own neither. */
void owners_prune(struct bus *bus);
void owners_clear(struct owners *owners);

#endif
