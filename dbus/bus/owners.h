/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct bus;
struct message;

/* Clients that have a request, a session, or a call that is waiting for polkit. A client is watched until it has left the bus or
 * has none of these. */
struct owner;
struct owners {
        struct owner *first;
        sd_bus_slot *together; /* the shared match rule of owners without a separate one; NULL: there is no such owner */
        bool limit_logged;
};

int owners_start(struct bus *bus);
void owners_stop(struct bus *bus);

/* Watches the sender of `call`: when it leaves the bus, owner_gone() of all parts is called. A sender that has already left is not
 * detected here; caller_get() then fails. Returns 0; -ENOBUFS, with a message in *ret, if the bus allows no further match rule; or
 * another negative errno. */
int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret);
/* Stops watching clients for which owns() of all parts returns false. */
void owners_prune(struct bus *bus);

#endif
