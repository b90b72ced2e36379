/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_STEP_H
#define BPF_POLICIES_STEP_H

/*
 * "step": a minimal policy with a closed control loop, as a starting point for new policies. The level rises by one step for each
 * piece of work that was late, and falls by one step after STEP_PATIENCE pieces in a row that were on time. So about one percent of
 * the work is late if the limits permit it, whatever percentile the session has requested: unlike "slack", this policy uses neither
 * percentile nor window.
 */

#include "bpf/policy.h"

#define STEP_SIZE     64 /* levels: 1/16 of the range */
#define STEP_PATIENCE 64 /* number of pieces of work */

static inline uint32_t step_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                                   const struct policy_limits *limits) {
        uint64_t *early = state->words, *started = early + 1; /* all words are initially 0 */
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
