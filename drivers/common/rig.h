/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_RIG_H
#define DRIVERS_COMMON_RIG_H

#include "include/governord/driver.h"

/*
 * What the test rigs of power-profiles-daemon (GOV_SIMULATED_RIG) leave out of a cpufreq policy. Only the cpufreq files of this
 * folder call these, so that a vendor's driver sees a policy like any other. On every other machine, and for what a rig does
 * have, they answer that there is nothing to add.
 */

/* The scaling driver of a policy without such a file, by the mode of the kernel's driver. NULL when there is nothing to add. */
const char *rig_scaling_driver(const struct gov_host *host, uint32_t policy);
/* The preferences of a policy without a list of them; NULL when there is nothing to add, "" when a kernel in this mode would not
 * have the preference at all. */
const char *rig_preferences(const struct gov_host *host, uint32_t policy);
/* The highest frequency of a policy without cpuinfo_max_freq; -1 when there is nothing to add. */
int64_t rig_max_khz(const struct gov_host *host, uint32_t policy);
/* The policy of a CPU without a link to it. 0 or -ENODEV. */
int rig_policy_of(const struct gov_host *host, uint32_t cpu, uint32_t *ret);
/* Rewrites the texts of a policy as power-profiles-daemon's first write leaves them: without a newline. */
void rig_settle(const struct gov_host *host, uint32_t policy);

#endif
