/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_WORLD_H
#define BENCH_SIM_WORLD_H

/* Simulates a load on one core with one queue and one controller. */

#include <stdio.h>

#include "bench/sim/control.h"
#include "bench/sim/load.h"
#include "bench/sim/outcome.h"

struct setup {
        const struct load *load;
        const struct machine *machine;
        const struct controller *controller;
        struct policy_target target;
        struct rung rung;
        uint32_t step;       /* for the controller "static" */
        uint64_t warm_up_ns; /* time at the start whose energy and latencies are not counted */
        FILE *log;           /* gets a line for each millisecond: ms, level, MHz, length of the queue, longest latency (us) since
                              * the last line; may be NULL */
};

/* Returns 0 or -ENOMEM. */
int world_run(const struct setup *setup, struct outcome *ret_outcome);

#endif
