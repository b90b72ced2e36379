/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_CONTROL_H
#define BENCH_SIM_CONTROL_H

/*
 * Who decides about the level: a table of functions for each way, and what all may know. A controller sees what the real one sees:
 * the load of the CPU (kernel and hardware), or latencies after the path of its rung (sessions, user space).
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/sim/machine.h"
#include "bpf/policy.h"

/* How a latency comes to the decision and the decision to the hardware. */
struct rung {
        uint32_t sample_us;  /* from the end of the work to the decision */
        uint32_t batch_us;   /* samples come together at multiples of this, 0: one by one */
        uint32_t actuate_us; /* from the decision to the register write */
};

struct control {
        /* Set before start(). */
        const struct machine *machine;
        struct policy_target target;
        void *memory;  /* memory_size bytes, zero at the start */
        uint32_t step; /* of "static" */

        /* True at each call. */
        uint64_t now_ns;
        bool busy;    /* the CPU runs, or wakes up */
        double speed; /* of the P-state in effect, 0..1 */

        /* What the controller wants. */
        uint32_t level;
};

struct controller {
        const char *name, *what;
        size_t memory_size;
        struct rung rung; /* its usual path; batch_us for user space that looks now and then */
        bool latencies;   /* the command line decides about its rung */
        bool autonomous;  /* it is the hardware itself: no interval between changes */
        void (*start)(struct control *control);
        void (*wake)(struct control *control);  /* the CPU begins to work; may be NULL, as the next */
        void (*sleep)(struct control *control); /* it has nothing to do any more */
        void (*tick)(struct control *control);  /* each millisecond, busy or not */
        void (*sample)(struct control *control, uint64_t end_ns, uint32_t latency_us);
};

extern const struct controller control_fixed[], control_kernel[], control_session[]; /* each ends with a NULL name */

const struct controller *control_find(const char *name); /* NULL: unknown */
const struct controller *control_get(size_t index);      /* NULL behind the last */

#endif
