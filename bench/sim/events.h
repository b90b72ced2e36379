/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_EVENTS_H
#define BENCH_SIM_EVENTS_H

/*
 * What is going to happen, in the order of time; what is due at the same nanosecond comes in the order in which it was added, so
 * that a run is the same each time. A fixed number of places: a simulation that needs more has a fault, and ends.
 */

#include <stddef.h>
#include <stdint.h>

#define EVENTS_MAX 4096

enum event_kind {
        EVENT_ARRIVAL, /* the next request of the load */
        EVENT_READY,   /* the CPU has woken up; value: which sleep */
        EVENT_DONE,    /* the request in service ends; value: which estimate of that, older ones are void */
        EVENT_SAMPLE,  /* a latency reaches the controller; value: microseconds << 32 | its age in microseconds */
        EVENT_REQUEST, /* a decision reaches the hardware; value: level */
        EVENT_SETTLED, /* the hardware runs at another P-state; value: which */
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

/* The earliest, taken out. There must be one: `events->n > 0`. */
struct event events_take(struct events *events);

#endif
