/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_EVENTS_H
#define BENCH_SIM_EVENTS_H

/*
 * Future events, ordered by time. Events with the same time are ordered by when they were added, so that runs are reproducible. The
 * queue has a fixed size; a simulation that needs more has a bug and is aborted.
 */

#include <stddef.h>
#include <stdint.h>

#define EVENTS_MAX 4096

enum event_kind {
        EVENT_ARRIVAL, /* the next request of the load */
        EVENT_READY,   /* the CPU has woken up */
        EVENT_DONE,    /* the current request ends; value: number of the estimate, of which only the latest is valid */
        EVENT_SAMPLE,  /* a latency reaches the controller; value: latency in us << 32 | its age in us */
        EVENT_REQUEST, /* a decision reaches the hardware; value: level */
        EVENT_SETTLED, /* the hardware changes to the requested P-state */
        EVENT_TICK,    /* every millisecond */
};

struct event {
        uint64_t at_ns, order, value;
        enum event_kind kind;
};

struct events {
        struct event heap[EVENTS_MAX];
        size_t n;
        uint64_t added;
};

void events_add(struct events *events, uint64_t at_ns, enum event_kind kind, uint64_t value);

/* Removes and returns the earliest event. `events->n` must not be 0. */
struct event events_take(struct events *events);

#endif
