/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of policies. Each policy is a header, which is also compiled into BPF. */

#include "bpf/policies.h"

#include <string.h>

#include "base/cleanup.h"
#include "bpf/policies/race.h"
#include "bpf/policies/slack.h"
#include "bpf/policies/step.h"

static const struct builtin_policy policies[] = {
        { "slack", slack_decide },
        { "step", step_decide },
        { "race", race_decide },
};

const struct builtin_policy *builtin_policy(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
                if (strcmp(policies[i].name, name) == 0)
                        return &policies[i];
        return NULL;
}

const struct builtin_policy *builtin_policies(size_t *ret_n) {
        *ret_n = ARRAY_SIZE(policies);
        return policies;
}
