/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CALLER_H
#define DBUS_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "core/watch/program.h"

struct bus;

/* How long the bus itself may take to answer. */
#define CALLER_TIMEOUT_USEC (UINT64_C(2) * 1000000)

/* Senders whose user is known: a unique name is never given to another connection. */
#define CALLERS_KNOWN   64
#define CALLER_NAME_MAX 32
struct callers {
        struct {
                char name[CALLER_NAME_MAX];
                uid_t uid;
        } known[CALLERS_KNOWN];
        size_t next, latest;
        pid_t self; /* this service's number, as the bus knows it; 0 unknown */
};

struct caller {
        pid_t pid;                       /* 0 unknown, or in another PID namespace */
        uid_t uid;                       /* effective, when it connected; (uid_t) -1 unknown */
        char who[PROGRAM_NAME_MAX + 16]; /* "powerprofilesctl[123]", for messages */
};

/* Asks the bus about this service itself; before the loop. -ENOMEM, or 0, whatever the bus says. */
int callers_start(struct bus *bus);
void callers_stop(struct bus *bus);

/* Whose connection sent a call. Waits for the bus, at most CALLER_TIMEOUT_USEC, unless the sender is known. 0; -ENXIO when the sender
 * has left; else negative errno. */
int caller_uid(struct bus *bus, sd_bus_message *call, uid_t *ret);
/* Who sent a call; always asks the bus, so 0 means that the sender is still there. Negative errno as above; *ret is usable even then. */
int caller_get(struct bus *bus, sd_bus_message *call, struct caller *ret);
bool caller_is_root(struct bus *bus, sd_bus_message *call);
/* A descriptor of the caller's process; -1 when there is none to get. */
int caller_pidfd(const struct caller *caller);

/* For a handler that cannot answer since the bus did not tell who calls: "try again". */
int caller_unknown(sd_bus_error *error);

/* True while the service has descriptors to spare for what clients ask for. What is kept free is for the connection to the bus: a message with
 * descriptors that cannot be received ends it. */
bool descriptors_are_left(void);

#endif
