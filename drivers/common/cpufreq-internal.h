/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUFREQ_INTERNAL_H
#define DRIVERS_COMMON_CPUFREQ_INTERNAL_H

#include "drivers/common/cpufreq.h"

/* Only for cpufreq.c, cpufreq-facts.c and cpufreq-match.c. */

bool cpufreq_driver_matches(const char *scaling_drivers, const char *name);
bool cpufreq_policy_matches(const struct gov_host *host, const char *scaling_drivers, uint32_t policy);
/* Discards the cached facts about the machine, before a new probe. */
void cpufreq_forget_machine(void);

#endif
