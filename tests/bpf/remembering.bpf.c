/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor that fills what it may remember, so that the next one would see it; and that tells for ever when its own was not empty at first. */
#include "bpf/governor.h"

#ifndef MINE /* remembering-2 is the same with another mark */
#define MINE UINT64_C(0x4242424242424242)
#define NAME "remembering"
#endif

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        for (uint32_t i = 0; i < POLICY_WORDS; i++) {
                if (state->words[i] != 0 && state->words[i] != MINE)
                        state->estimate_us = 666;
                state->words[i] = MINE;
        }
        return 500;
}

GOVERNOR(NAME, "fills what it may remember", "any", 3);
