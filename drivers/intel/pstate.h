/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_PSTATE_H
#define DRIVERS_INTEL_PSTATE_H

#include "drivers/intel/intel.h"

/* Adds the knobs of intel_pstate in active or passive mode: those of each policy, and the global ones. Sets n_policies. Returns 0,
 * also on a machine without intel_pstate, or a negative errno. */
int pstate_add(struct intel *intel);

/* Access functions of INTEL_BOOST, which is the inverse of the kernel's file no_turbo. */
int pstate_boost_read(void *state, const struct gov_instance *instance, char *ret, size_t size);
int pstate_boost_write(void *state, const struct gov_instance *instance, const char *value);

#endif
