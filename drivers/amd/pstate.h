/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_PSTATE_H
#define DRIVERS_AMD_PSTATE_H

#include "drivers/amd/amd.h"

#define AMD_PSTATE_DIR "sys/devices/system/cpu/amd_pstate"
/* The kernel's names of the same driver in its passive/guided and in its active mode. */
#define AMD_PSTATE_SCALING_DRIVERS "amd-pstate amd-pstate-epp"

/* Adds the driver's mode, the knobs of every policy that amd-pstate drives, and the global ones when there is such a policy. 0 or
 * negative errno. */
int pstate_add(struct amd *amd);

/* The file of an instance of ROW_EPP. 0 or more, or negative errno; -EACCES for one that is read-only. */
int pstate_read_epp(const struct gov_host *host, const struct gov_instance *instance, char *ret, size_t size);
int pstate_write_epp(const struct gov_host *host, const struct gov_instance *instance, const char *value);

#endif
