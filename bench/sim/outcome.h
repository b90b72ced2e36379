/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_OUTCOME_H
#define BENCH_SIM_OUTCOME_H

/* What came of a run: energy, latencies, and how often the target was missed, by requests and by windows. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/policy.h"

struct outcome {
        uint32_t *latencies_us; /* room for all requests; sorted by outcome_finish() */
        size_t n, violations;   /* requests, and those beyond the target */
        size_t windows, missed; /* the session's windows that had requests, and those whose percentile was beyond the target */
        double core_mj;
        double total_mj; /* with the core's share of the rest of the package */
        double busy;     /* share of the time */

        size_t window_first; /* in latencies_us: the window that is being filled */
        uint64_t window_ns;  /* ... and its end */
};

/* 0 or -ENOMEM. */
int outcome_start(struct outcome *ret_outcome, size_t room, uint64_t from_ns);
void outcome_add(struct outcome *outcome, const struct policy_target *target, uint64_t end_ns, uint32_t latency_us);
void outcome_finish(struct outcome *outcome, const struct policy_target *target);
void outcome_clear(struct outcome *outcome);

/* permille 0..999; 0 without any latencies. Only after outcome_finish(). */
uint32_t outcome_percentile(const struct outcome *outcome, uint32_t permille);

#endif
