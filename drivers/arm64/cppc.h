/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_CPPC_H
#define DRIVERS_ARM64_CPPC_H

#include "drivers/arm64/arm64.h"

/* Adds the knobs of all policies of cppc_cpufreq. Returns 0 or a negative errno. */
int cppc_add(struct arm64 *arm64);
/* Access functions of the row "epp", whose values are numbers or the four usual names. A number that has a name is read as the
 * name, so that a name in a profile is read back as it was written. */
int cppc_read_epp(void *state, const struct gov_instance *instance, char *ret, size_t size);
int cppc_write_epp(void *state, const struct gov_instance *instance, const char *value);
/* Returns the number of one of the four names, or -EINVAL. */
int cppc_epp_number(const char *word);

#endif
