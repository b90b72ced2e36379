/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor for platforms that no machine of the tests has. */
#include "bpf/governor.h"

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        return limits->floor;
}

GOVERNOR("elsewhere", "for hardware that is not here", "mainframe vax", 3000);
