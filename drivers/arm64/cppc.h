/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_CPPC_H
#define DRIVERS_ARM64_CPPC_H

#include "drivers/arm64/arm64.h"

/* Adds the knobs of all policies that cppc_cpufreq drives. 0 or negative errno. */
int cppc_add(struct arm64 *arm64);
/* Access functions of row "epp". It accepts a number or one of the usual four words. A number that has a word is read as that word,
 * so that the value of a profile reads back as it was written. */
int cppc_read_epp(void *state, const struct gov_instance *instance, char *ret, size_t size);
int cppc_write_epp(void *state, const struct gov_instance *instance, const char *value);
/* The number behind one of the four words, or -EINVAL. */
int cppc_epp_number(const char *word);

#endif
