/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All latencies are stored, so that percentiles are exact. */

#include <errno.h>
#include <stdlib.h>

#include "bench/sim/outcome.h"

static int by_value(const void *left, const void *right) {
        uint32_t l = *(const uint32_t *) left, r = *(const uint32_t *) right;

        return (l > r) - (l < r);
}

int outcome_start(struct outcome *ret_outcome, size_t room, uint64_t from_ns) {
        uint32_t *latencies_us = calloc(room + 1, sizeof(*latencies_us));

        if (!latencies_us)
                return -ENOMEM;
        *ret_outcome = (struct outcome){ .latencies_us = latencies_us, .window_ns = from_ns };
        return 0;
}

/* Evaluates the current window. Its latencies may be sorted in place, because their order is not used again. */
static void close_window(struct outcome *outcome, const struct policy_target *target) {
        size_t n = outcome->n - outcome->window_first;
        uint32_t *first = outcome->latencies_us + outcome->window_first;

        if (n == 0)
                return;
        qsort(first, n, sizeof(*first), by_value);
        outcome->windows++;
        outcome->missed += first[n * target->permille / 1000] > target->target_us;
        outcome->window_first = outcome->n;
}

void outcome_add(struct outcome *outcome, const struct policy_target *target, uint64_t end_ns, uint32_t latency_us) {
        if (end_ns >= outcome->window_ns) {
                close_window(outcome, target);
                outcome->window_ns = end_ns + target->window_us * UINT64_C(1000);
        }
        outcome->latencies_us[outcome->n++] = latency_us;
        outcome->violations += latency_us > target->target_us;
}

void outcome_finish(struct outcome *outcome, const struct policy_target *target) {
        close_window(outcome, target);
        qsort(outcome->latencies_us, outcome->n, sizeof(*outcome->latencies_us), by_value);
}

void outcome_clear(struct outcome *outcome) {
        free(outcome->latencies_us);
        *outcome = (struct outcome){ 0 };
}

uint32_t outcome_percentile(const struct outcome *outcome, uint32_t permille) {
        return outcome->n > 0 ? outcome->latencies_us[outcome->n * permille / 1000] : 0;
}
