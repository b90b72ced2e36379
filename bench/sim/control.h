/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_CONTROL_H
#define BENCH_SIM_CONTROL_H

/*
 * Controllers, which decide the level: a table of functions for each, and the data that they may use. A controller gets the same
 * input as the real one: the load of the CPU (kernel, hardware), or latencies with the delay of its rung (sessions, user space).
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/sim/machine.h"
#include "bpf/policy.h"

/* Delays from a latency to the decision, and from the decision to the hardware. */
struct rung {
        uint32_t sample_us;  /* from the end of the work to the decision */
        uint32_t batch_us;   /* samples are delivered together at multiples of this; 0: one by one */
        uint32_t actuate_us; /* from the decision to the register write */
};

struct control {
        /* Set before start(). */
        const struct machine *machine;
        struct policy_target target;
        void *memory;  /* memory_size bytes, initially zero */
        uint32_t step; /* of "static" */

        /* Updated before each call. */
        uint64_t now_ns;
        bool busy;    /* the CPU is running or waking up */
        double speed; /* of the current P-state, 0..1 */

        /* Output of the controller. */
        uint32_t level;
};

struct controller {
        const char *name, *what;
        size_t memory_size;
        struct rung rung; /* default delays; batch_us for a user-space program that polls */
        bool latencies;   /* it uses latencies, so the command line determines its rung */
        bool autonomous;  /* it is the hardware, so there is no minimum interval between changes */
        void (*start)(struct control *control);
        void (*wake)(struct control *control);  /* the CPU starts to work; may be NULL, like the following functions */
        void (*sleep)(struct control *control); /* the CPU becomes idle */
        void (*tick)(struct control *control);  /* every millisecond, also when idle */
        void (*sample)(struct control *control, uint64_t end_ns, uint32_t latency_us);
};

extern const struct controller control_fixed[], control_kernel[], control_session[]; /* each ends with a NULL name */

const struct controller *control_find(const char *name); /* NULL: unknown */
const struct controller *control_get(size_t index);      /* NULL after the last */

#endif
