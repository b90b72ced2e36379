/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_WORLD_H
#define BENCH_SIM_WORLD_H

/* One core, one queue, one controller: runs a load and says what came of it. */

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
        uint32_t step;       /* of the controller "static" */
        uint64_t warm_up_ns; /* not counted: neither energy nor latencies */
        FILE *log;           /* NULL, or a line for each millisecond: ms, level, MHz, queue, longest latency (us) since the last */
};

/* 0 or -ENOMEM. */
int world_run(const struct setup *setup, struct outcome *ret_outcome);

#endif
