/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OWNERS_H
#define DBUS_OWNERS_H

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "core/program.h"

struct bus;

/* Bus names that own requests or sessions, watched until they leave or own none any more. */
struct owner;
struct owners {
        struct owner *first;
};

/* From now on manager_owner_gone() and sessions_owner_gone() are called when the sender of `call` leaves the bus. The watch is set up without waiting: what is
 * asked of the bus about the same sender afterwards fails if it had left before. */
int owners_watch(struct bus *bus, sd_bus_message *call);
/* Stops watching those that own neither. */
void owners_prune(struct bus *bus);
void owners_clear(struct owners *owners);

struct caller {
        pid_t pid;                        /* 0 unknown, or in another PID namespace */
        uid_t uid;                        /* effective, when it connected; (uid_t) -1 unknown */
        char who[PROGRAM_NAME_MAX + 16];  /* "powerprofilesctl[123]", for messages */
};

/* Asks the bus who sent a call: one round trip. Negative errno when the sender has left; *ret is usable even then. */
int caller_get(sd_bus_message *call, struct caller *ret);
/* 1 when the sender is root, 0 when not, negative errno when the sender has left. One round trip. */
int caller_is_root(sd_bus_message *call);
/* A descriptor of the caller's process; -1 when there is none to get. */
int caller_pidfd(const struct caller *caller);

#endif
