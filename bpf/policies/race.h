/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_RACE_H
#define BPF_POLICIES_RACE_H

/*
 * "race": the ceiling while work arrives, the floor after the application has announced that it expects none. Latencies
 * under this policy are the lowest possible, so it is a reference for other policies.
 */

#include "bpf/policy.h"

static inline uint32_t race_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                                   const struct policy_limits *limits) {
        uint64_t *working = state->words; /* 1: a sample or SPIKE has arrived since the last CALM or STALE */

        (void) target;
        if (input->event == POLICY_STALE) {
                *working = 0;
                return limits->neutral;
        }
        if (input->event == POLICY_SAMPLE || input->event == POLICY_SPIKE)
                *working = 1;
        if (input->event == POLICY_CALM)
                *working = 0;
        return *working ? limits->ceiling : limits->floor;
}

#endif
