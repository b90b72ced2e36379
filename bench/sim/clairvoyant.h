/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_CLAIRVOYANT_H
#define BENCH_SIM_CLAIRVOYANT_H

/*
 * The reference "clairvoyant": the energy that could be saved with a given load and machine. It knows all arrivals and all work in
 * advance. Each request gets a separate P-state, or a mix of two adjacent ones; a change of the P-state takes no time and no
 * energy, and an idle core has the leakage of the slowest P-state. Otherwise the rules are those of the simulation: one queue,
 * first come first served, no deferred work, a time to wake up, and as many late requests as the target allows.
 *
 * The result is a real schedule, so at least this much energy can be saved. The optimum is lower by less than 0.3 %: this lower
 * bound is the Lagrange dual of the same calculation, checked manually for "server" and "epyc". No governor can reach the result,
 * because it does not know the future.
 */

#include "bench/sim/world.h"

/* Uses only load, machine, target and warm_up_ns of the setup. Returns 0 or -ENOMEM. */
int clairvoyant_run(const struct setup *setup, struct outcome *ret_outcome);

#endif
