/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_RIG_H
#define DRIVERS_COMMON_RIG_H

#include "include/governord/driver.h"

/*
 * Facts that cpufreq policies lack in the test rigs of power-profiles-daemon (GOV_SIMULATED_RIG). Only the cpufreq files of this
 * folder call these functions, so the drivers need no special code. On other machines, and for facts that exist, the functions
 * supply nothing.
 */

/* Returns the scaling driver of a policy without the file scaling_driver, derived from the mode of the kernel driver, or NULL. */
const char *rig_scaling_driver(const struct gov_host *host, uint32_t policy);
/* Returns the EPP choices of a policy without a list of them, or NULL. "": in this mode, the kernel has no EPP. */
const char *rig_preferences(const struct gov_host *host, uint32_t policy);
/* Returns the upper end of the range to use for a policy without cpuinfo_max_freq: amd_pstate_lowest_nonlinear_freq, otherwise
 * cpuinfo_min_freq, otherwise -1. */
int64_t rig_max_khz(const struct gov_host *host, uint32_t policy);
/* Finds the policy of a CPU without a link to its policy. Returns 0 or -ENODEV. */
int rig_policy_of(const struct gov_host *host, uint32_t cpu, uint32_t *ret);
/* Rewrites the values in the files of a policy so that they do not end in a newline, as after the first write of power-profiles-daemon. */
void rig_settle(const struct gov_host *host, uint32_t policy);

#endif
