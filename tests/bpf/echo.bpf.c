/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor for tests: its level is the latency of the sample, so that tests can predict it. */
#include "bpf/governor.h"

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        state->estimate_us = target->target_us;
        switch (input->event) {
        case POLICY_SAMPLE:
                return input->latency_us;
        case POLICY_SPIKE:
                return limits->ceiling;
        case POLICY_CALM:
                return limits->floor;
        default:
                return state->level;
        }
}

GOVERNOR("echo", "asks for what the sample says", "any", 1000);
