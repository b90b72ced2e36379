/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_REPORT_H
#define BENCH_SIM_REPORT_H

/* Outcomes as lines of comma-separated values, which bench/sim/run makes tables and pictures of. */

#include "bench/sim/world.h"

/* What one line is about. */
struct case_name {
        const char *load, *machine, *controller;
        uint64_t seed;
        uint32_t multiple_percent; /* of performance's percentile: the target */
};

void report_head(FILE *out);
void report_line(FILE *out, const struct case_name *name, const struct setup *setup, const struct outcome *outcome);

#endif
