/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CALLER_H
#define DBUS_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "core/watch/program.h"

struct bus;

/* Timeout of calls to the bus daemon itself. */
#define CALLER_TIMEOUT_USEC (UINT64_C(2) * 1000000)

/* Cache of the users of senders. The bus never reuses a unique name for another connection, so an entry stays valid. */
#define CALLERS_KNOWN   64
#define CALLER_NAME_MAX 32
struct callers {
        struct {
                char name[CALLER_NAME_MAX];
                uid_t uid;
        } known[CALLERS_KNOWN];
        size_t next, latest;
        pid_t self; /* process ID of this service, as the bus reports it; 0 unknown */
};

struct caller {
        pid_t pid;                       /* 0 unknown, or in another PID namespace */
        uid_t uid;                       /* effective user ID when it connected; (uid_t) -1 unknown */
        char who[PROGRAM_NAME_MAX + 16]; /* "powerprofilesctl[123]", for messages */
};

/* Asks the bus for the process ID of this service; called before the loop runs. 0, also if the bus does not answer; or -ENOMEM. */
int callers_start(struct bus *bus);
void callers_stop(struct bus *bus);

/* The user of the sender of a call. Waits for the bus, at most CALLER_TIMEOUT_USEC, unless the sender is in the cache. 0; -ENXIO if
 * the sender has left; else negative errno. */
int caller_uid(struct bus *bus, sd_bus_message *call, uid_t *ret);
/* User, process and program of the sender of a call. Always asks the bus, so 0 means that the sender is still connected. Negative
 * errno as above; *ret is usable even then. */
int caller_get(struct bus *bus, sd_bus_message *call, struct caller *ret);
bool caller_is_root(struct bus *bus, sd_bus_message *call);
/* A pidfd of the caller's process; -1 if it could not be opened. */
int caller_pidfd(const struct caller *caller);

/* The error of a handler to which the bus did not report the caller's user: "try again". */
int caller_unknown(sd_bus_error *error);

/* True while the service has file descriptors to spare for clients. Some are kept free for the connection to the bus, because a
 * message whose descriptors cannot be received closes it. */
bool descriptors_are_left(void);

#endif
