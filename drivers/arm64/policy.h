/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_POLICY_H
#define DRIVERS_ARM64_POLICY_H

#include "drivers/arm64/arm64.h"

/* For a policy, adds the knobs that all cpufreq drivers have. Returns 0 or -ENOMEM. */
int arm64_add_policy(struct arm64 *arm64, uint32_t policy);

#endif
