/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

/*
 * Calls of driver functions. No other code calls them. A call blocks the event loop, so each call is timed. Calls that take
 * ACCESS_SLOW_USEC or longer are counted, and the first one of each function of a driver is logged. The time is wall time: on a
 * busy machine it includes waiting for a CPU.
 *
 * A driver whose calls may block runs in another process, and the service communicates with it through a struct access_transport.
 * Writes are then answered asynchronously. If an answer does not arrive within ACCESS_DEADLINE_USEC, the driver is marked as
 * abandoned: all its writes fail immediately until it has been probed again.
 *
 * Unless stated otherwise, a function returns the result of the driver's function, see include/governord/driver.h.
 */

#define ACCESS_SLOW_USEC 20000
/* How long the service waits for the answer to a write. */
#define ACCESS_DEADLINE_USEC 2000000

struct plugin;

/* A write that was sent to another process and has not been answered. */
struct access_call {
        struct access_call *next; /* of the same driver, in the order of sending */
        uint64_t cookie;          /* identifies the call to the transport; unique for each driver, never 0 */
        uint64_t sent_usec;       /* CLOCK_MONOTONIC */
        uint32_t row, index;
        char value[GOVERNORD_VALUE_MAX];
        /* `r` is the result of gov_driver.write, or -ETIMEDOUT. `shown` is the value that was read back after the write, NULL if it
         * could not be read. The call is freed when this function returns. */
        void (*answered)(int r, const char *shown, void *userdata);
        void *userdata;
};

/* The connection to a driver in another process. That process executes the writes of one driver in the order in which they were
 * sent, and reads the knob back after each write. */
struct access_transport {
        /* A driver whose functions do not block and do not access hardware: they return data that the other process has sent. Its
         * dispatch() also receives the answers to writes and calls access_answer() for each of them. Its write() is never
         * called. */
        const struct gov_driver *driver;
        /* Sends a write to the other process. Must not block or call access_answer(). Returns 0, or a negative errno, which becomes
         * the result of the write. */
        int (*send)(const struct access_call *call, void *userdata);
        void *userdata;
};

/* Statistics of all calls of one driver since the service started. */
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
/* `ret` has GOVERNORD_VALUE_MAX bytes and ends with a NUL after success. Returns -E2BIG if the driver reports a longer value. */
int access_read(struct plugin *plugin, uint32_t row, uint32_t index, char *ret);
/* Returns -EOPNOTSUPP if the driver has no write(). With a transport, `answered` must not be NULL, and the function returns
 * -EINPROGRESS if access_answer() or access_expire() will call `answered`, -EHOSTDOWN if the driver was abandoned, -E2BIG if
 * `value` is too long, -ENOMEM, or the error of send(). Without a transport, `answered` is not called. */
int access_write(struct plugin *plugin, uint32_t row, uint32_t index, const char *value,
                 void (*answered)(int r, const char *shown, void *userdata), void *userdata);
/* To be called by the transport for each answer: passes `r` and `shown` to the `answered` function of the call with this cookie.
 * Returns -ENOENT if no call with this cookie is waiting for an answer. */
int access_answer(struct plugin *plugin, uint64_t cookie, int r, const char *shown);
/* If a call was sent ACCESS_DEADLINE_USEC or longer before `now_usec` (CLOCK_MONOTONIC), ends all calls of the driver with
 * -ETIMEDOUT and marks the driver as abandoned. With UINT64_MAX, this happens if any call is waiting for an answer. */
void access_expire(struct plugin *plugin, uint64_t now_usec);
/* Returns the CLOCK_MONOTONIC time from which access_expire() ends all waiting calls, UINT64_MAX if no call is waiting. */
uint64_t access_deadline(const struct plugin *plugin);
/* Returns -ENODEV if the driver has no cpu(). */
int access_cpu(struct plugin *plugin, uint32_t cpu, struct gov_cpu_facts *ret);
/* Returns -1 if the driver has no descriptor, or no dispatch(). */
int access_fd(struct plugin *plugin);
int access_dispatch(struct plugin *plugin);

#endif
