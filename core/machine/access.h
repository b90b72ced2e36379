/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

/*
 * The only caller of drivers' functions. The event loop waits until a call returns, so each call is timed. A call that takes ACCESS_SLOW_USEC or longer
 * is counted and reported in the log, once for each driver and function. The time is wall time: on a busy machine it includes waiting for a CPU.
 *
 * A driver whose calls may block runs in another process, which a struct access_transport reaches. Its writes are answered later, or not at all: then
 * the driver is abandoned until it was probed again, so that the service never waits for it.
 *
 * Functions return what the driver's function returned, see include/governord/driver.h. Those that a driver may leave out say what is returned then.
 */

#define ACCESS_SLOW_USEC 20000
/* How long the answer to a write is waited for. */
#define ACCESS_DEADLINE_USEC 2000000

struct plugin;

/* A write that was sent to another process and has not been answered. */
struct access_call {
        struct access_call *next; /* of the same driver, in the order of sending */
        uint64_t cookie;          /* for the transport: each call of a driver has another one, never 0 */
        uint64_t sent_usec;       /* CLOCK_MONOTONIC */
        uint32_t row, index;
        char value[GOVERNORD_VALUE_MAX];
        /* `r` as from gov_driver.write, -ETIMEDOUT or -ECANCELED. `shown` is what a read showed afterwards, NULL if it could not be read. The call is
         * freed when this returns. */
        void (*answered)(int r, const char *shown, void *userdata);
        void *userdata;
};

/* How a driver in another process is reached. Calls of one driver are carried out one after the other, in the order of sending, each with a read of the
 * same knob behind it. */
struct access_transport {
        /* The driver as this process may call it: none of its functions blocks or touches hardware. They answer from what the other process sent before, the
         * answers to writes included; dispatch() takes those, and calls access_answer(). `write` is not called. */
        const struct gov_driver *driver;
        /* Sends a call; must not block and must not answer yet. 0, or negative errno: the call ends with it. */
        int (*send)(const struct access_call *call, void *userdata);
        void *userdata;
};

/* Of all calls of one driver since the service started. */
struct access_times {
        uint64_t calls, slow;
        uint64_t longest_usec;
        uint32_t reported; /* bits of functions whose slowness was logged */
};

int access_probe(struct plugin *plugin);
void access_remove(struct plugin *plugin);
int access_info(struct plugin *plugin, struct gov_driver_info *ret);
int access_count(struct plugin *plugin, uint32_t row);
int access_describe(struct plugin *plugin, uint32_t row, uint32_t index, struct gov_instance *ret);
/* `ret` has GOVERNORD_VALUE_MAX bytes and ends with a NUL. -E2BIG: the driver claims to have written more. */
int access_read(struct plugin *plugin, uint32_t row, uint32_t index, char *ret);
/* -EOPNOTSUPP: the driver writes nothing. With a transport, for which `answered` is needed: -EINPROGRESS: `answered` will be called, from access_answer() or
 * access_expire(); -EHOSTDOWN: the driver was abandoned; -E2BIG, -ENOMEM. */
int access_write(struct plugin *plugin, uint32_t row, uint32_t index, const char *value,
                 void (*answered)(int r, const char *shown, void *userdata), void *userdata);
/* For the transport: the call with this cookie was answered. `shown` as above. -ENOENT: nobody waits for it any longer. */
int access_answer(struct plugin *plugin, uint64_t cookie, int r, const char *shown);
/* Ends calls that were sent ACCESS_DEADLINE_USEC before `now_usec` (CLOCK_MONOTONIC) or earlier with -ETIMEDOUT, and with the first such call all others, and
 * abandons the driver. UINT64_MAX: all calls. */
void access_expire(struct plugin *plugin, uint64_t now_usec);
/* When access_expire() has something to do, CLOCK_MONOTONIC; UINT64_MAX: never. */
uint64_t access_deadline(const struct plugin *plugin);
/* -ENODEV: the driver knows no CPUs. */
int access_cpu(struct plugin *plugin, uint32_t cpu, struct gov_cpu_facts *ret);
/* -1: none. */
int access_fd(struct plugin *plugin);
int access_dispatch(struct plugin *plugin);

#endif
