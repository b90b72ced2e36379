/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_PSTATE_H
#define DRIVERS_AMD_PSTATE_H

#include "drivers/amd/amd.h"

#define AMD_PSTATE_DIR "sys/devices/system/cpu/amd_pstate"
/* The kernel's names of this driver in its passive and guided modes, and in its active mode. */
#define AMD_PSTATE_SCALING_DRIVERS "amd-pstate amd-pstate-epp"

/* Adds the mode of the kernel driver, the knobs of every policy of amd-pstate, and the global knobs if there is such a policy.
 * Returns 0 or a negative errno. */
int pstate_add(struct amd *amd);

/* Read and write the file of an instance of ROW_EPP. Return 0 or more, or a negative errno; -EACCES: the instance is read-only. */
int pstate_read_epp(const struct gov_host *host, const struct gov_instance *instance, char *ret, size_t size);
int pstate_write_epp(const struct gov_host *host, const struct gov_instance *instance, const char *value);

#endif
