/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CALLER_H
#define DBUS_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "core/watch/program.h"

struct bus;

/* Timeout of calls to the bus daemon. */
#define CALLER_TIMEOUT_USEC (UINT64_C(2) * 1000000)

/* Cache of the user IDs of senders. The bus never reuses a unique name, so entries do not become invalid. */
#define CALLERS_KNOWN   64
#define CALLER_NAME_MAX 32
struct callers {
        struct {
                char name[CALLER_NAME_MAX];
                uid_t uid;
        } known[CALLERS_KNOWN];
        size_t next, latest;
        pid_t self; /* process ID of this service as reported by the bus; 0: unknown */
};

struct caller {
        pid_t pid;                       /* 0: unknown, or in another PID namespace */
        uid_t uid;                       /* effective user ID when it connected; (uid_t) -1: unknown */
        char who[PROGRAM_NAME_MAX + 16]; /* "powerprofilesctl[123]", for messages */
};

/* Allocates the cache, and requests the process ID of this service from the bus. Returns 0, also if the bus does not reply, or
 * -ENOMEM. */
int callers_start(struct bus *bus);
void callers_stop(struct bus *bus);

/* Gets the user ID of the sender of a call. Unless it is cached, this blocks until the bus replies, for up to CALLER_TIMEOUT_USEC.
 * Returns 0, -ENXIO if the sender has left the bus, or another negative errno. */
int caller_uid(struct bus *bus, sd_bus_message *call, uid_t *ret);
/* Gets user, process and program of the sender of a call. The process ID is not cached, so a return value of 0 means that the
 * sender was still connected. Errors are those of caller_uid(); *ret is valid also after an error. */
int caller_get(struct bus *bus, sd_bus_message *call, struct caller *ret);
bool caller_is_root(struct bus *bus, sd_bus_message *call);
/* Opens a pidfd of the caller's process; -1 if the process is unknown or that failed. The caller of this function closes it. */
int caller_pidfd(const struct caller *caller);

/* Sets the error for a call whose user ID could not be obtained from the bus. Returns a negative errno. */
int caller_unknown(sd_bus_error *error);

/* True if the service can use file descriptors for clients. Some must stay free for messages from the bus: if the descriptors in a
 * message cannot be received, the connection is closed. */
bool descriptors_are_left(void);

#endif
