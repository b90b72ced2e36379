/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_OPTIONS_H
#define BENCH_SIM_OPTIONS_H

/* The command line: words of the form --name=value, and --log. */

#include <stdbool.h>

#include "bench/sim/control.h"

#define OPTION_UNSET UINT32_MAX

struct options {
        const char *loads, *machines, *controllers; /* names separated by commas; NULL: all */
        const char *seeds, *multiples;              /* numbers separated by commas */
        const char *trace;                          /* file */
        uint32_t seconds, warm_up, permille, window_us;
        uint32_t rung;                            /* 1..4 */
        uint32_t sample_us, batch_us, actuate_us; /* OPTION_UNSET: the default of the rung */
        uint32_t transition_us, interval_us;      /* OPTION_UNSET: those of the machine */
        bool log;
};

/* Returns 0; or -EINVAL after it has printed the help on stderr, if an option or a value is invalid. */
int options_parse(struct options *ret_options, int argc, char **argv);

/* Returns true if the list contains the name, or is NULL (all names). */
bool options_list_has(const char *list, const char *name);

/* Parses up to `max` numbers of a list. Returns how many were parsed. */
size_t options_numbers(const char *list, uint32_t *ret_numbers, size_t max);

/* Returns the delays of the rung that the command line selects; for a controller without latencies, its own. */
struct rung options_rung(const struct options *options, const struct controller *controller);

#endif
