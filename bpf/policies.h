/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_POLICIES_H
#define BPF_POLICIES_H

#include <stddef.h>

#include "bpf/policy.h"

/* The built-in policies, for user space. The installed BPF governors of the same names are compiled from the same sources. */

struct builtin_policy {
        const char *name;
        uint32_t (*decide)(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                           const struct policy_limits *limits);
};

/* Returns NULL if there is no policy of this name. */
const struct builtin_policy *builtin_policy(const char *name);
/* Returns all built-in policies, *ret_n in number. */
const struct builtin_policy *builtin_policies(size_t *ret_n);

#endif
