/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_STEP_H
#define BPF_POLICIES_STEP_H

/*
 * "step": the smallest policy with a closed control loop, to be copied and improved. It goes one step up for each piece of work
 * that was late, and one step down after STEP_PATIENCE pieces in a row that were not. So it keeps the share of late work at a few
 * percent, whatever the session requests. It uses neither percentile nor window; "slack" does.
 */

#include "bpf/policy.h"

#define STEP_SIZE     64 /* levels: 1/16 of the range */
#define STEP_PATIENCE 64 /* pieces of work */

static inline uint32_t step_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                                   const struct policy_limits *limits) {
        uint64_t *early = state->words, *started = early + 1; /* all words are 0 at first */
        uint32_t level = *started ? state->level : limits->neutral;

        *started = 1;
        if (input->event == POLICY_SAMPLE && input->latency_us > target->target_us) {
                *early = 0;
                level += STEP_SIZE;
        } else if (input->event == POLICY_SAMPLE && ++*early >= STEP_PATIENCE) {
                *early = 0;
                level -= level > STEP_SIZE ? STEP_SIZE : level;
        } else if (input->event == POLICY_SPIKE) {
                *early = 0;
                level = limits->ceiling;
        } else if (input->event == POLICY_STALE) {
                *early = *started = 0;
                level = limits->neutral;
        }
        return level > limits->ceiling ? limits->ceiling : level < limits->floor ? limits->floor : level;
}

#endif
