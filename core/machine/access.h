/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

/*
 * The only code that calls the functions of drivers. The event loop stands still during a call, so each call is timed. A call that
 * takes ACCESS_SLOW_USEC or longer is counted and logged, once for each driver and function. The time is wall time: on a busy
 * machine it includes waiting for a CPU.
 *
 * A driver whose calls may block runs in another process, and the service reaches it through a struct access_transport. Answers to
 * its writes arrive later or never. If an answer does not arrive in time, the driver is abandoned until it is probed again, so that
 * the service never waits for it.
 *
 * Unless stated otherwise, functions return what the driver's function returned, see include/governord/driver.h. For functions that
 * a driver may leave out, the comment states what is returned then.
 */

#define ACCESS_SLOW_USEC 20000
/* How long the service waits for the answer to a write. */
#define ACCESS_DEADLINE_USEC 2000000

struct plugin;

/* A write that was sent to another process and has not been answered. */
struct access_call {
        struct access_call *next; /* of the same driver, in the order of sending */
        uint64_t cookie;          /* for the transport: different for each call of a driver, never 0 */
        uint64_t sent_usec;       /* CLOCK_MONOTONIC */
        uint32_t row, index;
        char value[GOVERNORD_VALUE_MAX];
        /* `r` is the result of gov_driver.write, -ETIMEDOUT or -ECANCELED. `shown` is the value that was read back after the write,
         * NULL if it could not be read. The call is freed when this function returns. */
        void (*answered)(int r, const char *shown, void *userdata);
        void *userdata;
};

/* How the service reaches a driver in another process. The other process carries out the calls of one driver one after the other,
 * in the order in which they were sent, and reads the same knob after each of them. */
struct access_transport {
        /* The functions of the driver that this process may call. None of them blocks or touches hardware: they return what the
         * other process has sent before. Answers to writes arrive this way too: dispatch() receives them and calls access_answer().
         * `write` is never called. */
        const struct gov_driver *driver;
        /* Sends a call. Must not block, and must not call access_answer(). Returns 0, or a negative errno, which is then the result
         * of the write. */
        int (*send)(const struct access_call *call, void *userdata);
        void *userdata;
};

/* Sums over all calls of one driver since the service started. */
struct access_times {
        uint64_t calls, slow;
        uint64_t longest_usec;
        uint32_t reported; /* bit mask of functions whose slowness was logged */
};

int access_probe(struct plugin *plugin);
void access_remove(struct plugin *plugin);
int access_info(struct plugin *plugin, struct gov_driver_info *ret);
int access_count(struct plugin *plugin, uint32_t row);
int access_describe(struct plugin *plugin, uint32_t row, uint32_t index, struct gov_instance *ret);
/* `ret` has GOVERNORD_VALUE_MAX bytes and ends with a NUL. Returns -E2BIG if the driver reports a longer value. */
int access_read(struct plugin *plugin, uint32_t row, uint32_t index, char *ret);
/* Returns -EOPNOTSUPP if the driver writes nothing. With a transport, `answered` must not be NULL, and the function returns
 * -EINPROGRESS if access_answer() or access_expire() will call `answered`, -EHOSTDOWN if the driver was abandoned, -E2BIG if
 * `value` is too long, or -ENOMEM. */
int access_write(struct plugin *plugin, uint32_t row, uint32_t index, const char *value,
                 void (*answered)(int r, const char *shown, void *userdata), void *userdata);
/* For the transport: the call with this cookie was answered. `r` and `shown` are passed to its `answered`. Returns -ENOENT if no
 * call with this cookie is waiting any longer. */
int access_answer(struct plugin *plugin, uint64_t cookie, int r, const char *shown);
/* If a call was sent ACCESS_DEADLINE_USEC or longer before `now_usec` (CLOCK_MONOTONIC), ends all calls of the driver with
 * -ETIMEDOUT and abandons the driver. UINT64_MAX does so whenever a call is waiting. */
void access_expire(struct plugin *plugin, uint64_t now_usec);
/* The CLOCK_MONOTONIC time at which access_expire() will have something to do, UINT64_MAX for never. */
uint64_t access_deadline(const struct plugin *plugin);
/* Returns -ENODEV if the driver has no cpu(). */
int access_cpu(struct plugin *plugin, uint32_t cpu, struct gov_cpu_facts *ret);
/* Returns -1 if the driver has no descriptor. */
int access_fd(struct plugin *plugin);
int access_dispatch(struct plugin *plugin);

#endif
