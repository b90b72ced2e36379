/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor that fills its whole state with a mark. If it finds other data there, left by another governor, it reports an estimate
 * of 666 from then on. */
#include "bpf/governor.h"

#ifndef MINE /* remembering-2.bpf.c includes this file and defines another mark */
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
