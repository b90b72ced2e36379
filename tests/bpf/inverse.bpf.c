/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor that replaces echo in tests: its level is the ceiling minus the latency of the sample. */
#include "bpf/governor.h"

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        if (input->event == POLICY_SAMPLE && input->latency_us < limits->ceiling)
                return limits->ceiling - input->latency_us;
        return state->level;
}

GOVERNOR("inverse", "the opposite of echo", "any", 1);
