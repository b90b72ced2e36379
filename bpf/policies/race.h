/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_RACE_H
#define BPF_POLICIES_RACE_H

/*
 * "race": to the ceiling while work comes, to the floor when the application says that none is expected. It looks at no latency, so
 * it is also what latencies under other policies are to be compared with.
 */

#include "bpf/policy.h"

static inline uint32_t race_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                                   const struct policy_limits *limits) {
        uint64_t *working = state->words; /* 1: work came since the last CALM; 0: no sample yet, or calm */

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
