/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor that the verifier must reject: it reads beyond the end of its state. */
#include "bpf/governor.h"

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        return (uint32_t) state->words[input->latency_us];
}

GOVERNOR("endless", "reads beyond its state", "any", 2);
