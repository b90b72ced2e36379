/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_RACE_H
#define BPF_POLICIES_RACE_H

/*
 * "race" requests the ceiling from the first sample or SPIKE until CALM (the application expects no work), and the floor after CALM.
 * Without CALM no level is higher, so the latencies under this policy are a reference for other policies.
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
