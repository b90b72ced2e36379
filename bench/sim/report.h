/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_REPORT_H
#define BENCH_SIM_REPORT_H

/* Prints results as lines of comma-separated values, from which bench/sim/run makes tables and pictures. */

#include "bench/sim/world.h"

/* Identifies one line. */
struct case_name {
        const char *load, *machine, *controller;
        uint64_t seed;
        uint32_t multiple_percent; /* the target, in percent of the percentile with "performance" */
};

void report_head(FILE *out);
void report_line(FILE *out, const struct case_name *name, const struct setup *setup, const struct outcome *outcome);

#endif
