/* SPDX-License-Identifier: GPL-2.0-only */
/* A governor that needs a feature that no kernel has. */
#include "bpf/governor.h"

static uint32_t decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                       const struct policy_limits *limits) {
        return limits->floor;
}

GOVERNOR_NEEDING("needy", "for a kernel that there is not", "any", 4000, "btf user-ringbuf antigravity");
