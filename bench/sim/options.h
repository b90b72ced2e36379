/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_OPTIONS_H
#define BENCH_SIM_OPTIONS_H

/* The command line: --name=value, or --log. */

#include <stdbool.h>

#include "bench/sim/control.h"

#define OPTION_UNSET UINT32_MAX

struct options {
        const char *loads, *machines, *controllers; /* names with commas, NULL: all */
        const char *seeds, *multiples;              /* numbers with commas */
        const char *trace;                          /* file */
        uint32_t seconds, warm_up, permille, window_us;
        uint32_t rung;                            /* 1..4 */
        uint32_t sample_us, batch_us, actuate_us; /* OPTION_UNSET: the rung's, as the next two are the machine's */
        uint32_t transition_us, interval_us;
        bool log;
};

/* Says on stderr what is wrong, or the help that was asked for, and returns -EINVAL. */
int options_parse(struct options *ret_options, int argc, char **argv);

/* Whether a list has the name; the list NULL has all. */
bool options_list_has(const char *list, const char *name);

/* The numbers of a list, `max` at most; how many. */
size_t options_numbers(const char *list, uint32_t *ret_numbers, size_t max);

/* The way from latencies to the hardware that the command line asks for. */
struct rung options_rung(const struct options *options, const struct controller *controller);

#endif
