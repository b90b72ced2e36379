/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_HWP_MSR_H
#define DRIVERS_INTEL_HWP_MSR_H

#include "drivers/intel/intel.h"

/* Adds the fields of the HWP request register of each CPU with dev/cpu/N/msr, if HWP is supported and enabled. They are read-only
 * while intel_pstate has a policy. Must be called after pstate_add(). Returns 0 or a negative errno. */
int hwp_msr_add(struct intel *intel);

/* Access functions of INTEL_HWP_*. The label of an instance is the name of its field. -EBUSY: a kernel driver or package control
 * determines the value. */
int hwp_msr_read(void *state, const struct gov_instance *instance, char *ret, size_t size);
int hwp_msr_write(void *state, const struct gov_instance *instance, const char *value);

#endif
