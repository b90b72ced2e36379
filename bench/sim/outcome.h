/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_OUTCOME_H
#define BENCH_SIM_OUTCOME_H

/* The result of a run: energy, latencies, and how often the target was missed, in requests and in windows. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/policy.h"

struct outcome {
        uint32_t *latencies_us; /* space for all requests; sorted by outcome_finish() */
        size_t n, violations;   /* requests, and those above the target */
        size_t windows, missed; /* windows of the session with requests, and those whose percentile was above the target */
        double core_mj;
        double total_mj; /* including the core's share of the rest of the package */
        double busy;     /* share of time, 0..1 */

        size_t window_first; /* index in latencies_us of the first latency of the current window */
        uint64_t window_ns;  /* end of the current window */
};

/* Returns 0 or -ENOMEM. */
int outcome_start(struct outcome *ret_outcome, size_t room, uint64_t from_ns);
void outcome_add(struct outcome *outcome, const struct policy_target *target, uint64_t end_ns, uint32_t latency_us);
void outcome_finish(struct outcome *outcome, const struct policy_target *target);
void outcome_clear(struct outcome *outcome);

/* Only after outcome_finish(). `permille` is 0..999. Returns 0 if there are no latencies. */
uint32_t outcome_percentile(const struct outcome *outcome, uint32_t permille);

#endif
