/* SPDX-License-Identifier: GPL-2.0-only */
/* "steady", an example to copy (docs/writing-a-governor.md). Each sample updates an estimate of the percentile. At most every 10 ms
 * the level is raised in proportion to the excess over the target, or lowered slowly if the estimate is below 3/4 of the target. */
#include "bpf/governor.h"

#define PERIOD_NS UINT64_C(10000000)
#define UNIT      1024 /* the estimate is in 1/1024 microseconds, so that small steps are not lost */

struct steady {
        uint64_t estimate;   /* of the percentile; 0: no sample yet, or none since the stale time passed */
        uint64_t decided_ns; /* time of the last decision; 0: none yet, or none since the stale time passed */
};

/* Moves the estimate by up to 1/16 of the target. At p95 a step up is 19 times a step down, so about 5 % of samples are above the
 * estimate. */
static void update_estimate(struct steady *steady, uint64_t latency, const struct policy_target *target) {
        uint64_t step = (uint64_t) target->target_us * UNIT / 16;
        uint64_t down = step * (1000 - target->permille) / 1000 + 1;

        if (steady->estimate == 0)
                steady->estimate = latency + 1;
        else if (latency > steady->estimate)
                steady->estimate += step * target->permille / 1000;
        else
                steady->estimate -= down < steady->estimate ? down : 0;
}

static uint32_t correct(uint32_t level, uint64_t estimate, uint64_t target, const struct policy_limits *limits) {
        if (estimate > target) {
                uint64_t excess = estimate - target < target ? estimate - target : target;

                return level + (uint32_t) ((limits->ceiling - limits->floor) * excess / target / 2) + 1;
        }
        if (estimate < target / 4 * 3 && level > limits->floor)
                return level - (level - limits->floor) / 64 - 1;
        return level;
}

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        struct steady *steady = POLICY_WORDS_AS(state, struct steady);

        if (input->event == POLICY_SPIKE)
                return limits->ceiling;
        if (input->event == POLICY_SAMPLE)
                update_estimate(steady, (uint64_t) input->latency_us * UNIT, target);
        if (input->event == POLICY_STALE)
                steady->estimate = steady->decided_ns = 0;
        state->estimate_us = (uint32_t) (steady->estimate / UNIT);
        if (steady->decided_ns == 0 || input->now_ns - steady->decided_ns >= PERIOD_NS) {
                uint32_t level = steady->decided_ns == 0 ? limits->neutral : state->level;

                steady->decided_ns = input->event == POLICY_STALE ? 0 : input->now_ns;
                return correct(level, steady->estimate, (uint64_t) target->target_us * UNIT, limits);
        }
        return state->level;
}

GOVERNOR("steady", "in proportion to how late the work is", "any", 50);
