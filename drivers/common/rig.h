/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_RIG_H
#define DRIVERS_COMMON_RIG_H

#include "include/governord/driver.h"

/*
 * Facts that the test rigs of power-profiles-daemon (GOV_SIMULATED_RIG) lack in a cpufreq policy. Only the cpufreq files of this
 * folder call these functions, so that a vendor's driver sees a complete policy. On every other machine, and for facts that a rig
 * has, they return that there is nothing to add.
 */

/* The scaling driver of a policy without such a file, by the mode of the kernel's driver. NULL: nothing to add. */
const char *rig_scaling_driver(const struct gov_host *host, uint32_t policy);
/* The preferences of a policy without a list of them. NULL: nothing to add; "": a kernel in this mode has no preference at all. */
const char *rig_preferences(const struct gov_host *host, uint32_t policy);
/* The highest frequency of a policy without cpuinfo_max_freq; -1: nothing to add. */
int64_t rig_max_khz(const struct gov_host *host, uint32_t policy);
/* Finds the policy of a CPU that has no link to it. 0 or -ENODEV. */
int rig_policy_of(const struct gov_host *host, uint32_t cpu, uint32_t *ret);
/* Rewrites the files of a policy in the form that power-profiles-daemon's first write leaves: without a newline. */
void rig_settle(const struct gov_host *host, uint32_t policy);

#endif
