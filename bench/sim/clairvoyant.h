/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_CLAIRVOYANT_H
#define BENCH_SIM_CLAIRVOYANT_H

/*
 * The yardstick "clairvoyant": what a load and a machine allow to be saved at all. It knows all arrivals and all work before it begins,
 * and each request gets its own P-state, or two next to each other; a change takes no time and costs nothing, and an idle core leaks as
 * at the slowest. The rest is the engine's: one queue, first come first served, work is not put off, waking up takes its time, and as
 * many requests may be late as the target allows.
 *
 * What comes out is a schedule, so at least as much can be saved; and not more than 0.3 % of the energy remain to the least, which
 * the same calculation bounds from below (Lagrange's dual, looked at by hand on server and epyc). No governor can get there: it does
 * not know the future.
 */

#include "bench/sim/world.h"

/* 0 or -ENOMEM. Of the setup it needs load, machine, target and warm_up_ns. */
int clairvoyant_run(const struct setup *setup, struct outcome *ret_outcome);

#endif
