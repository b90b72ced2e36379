/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_PSTATE_H
#define DRIVERS_INTEL_PSTATE_H

#include "drivers/intel/intel.h"

/* Adds the knobs of intel_pstate, active or passive: those of each policy and the global ones. Sets n_policies. 0 or negative
 * errno; a machine without it is no error (this holds for all files of this folder). */
int pstate_add(struct intel *intel);

/* Access functions of INTEL_BOOST: the kernel's file no_turbo is its opposite. */
int pstate_boost_read(void *state, const struct gov_instance *instance, char *ret, size_t size);
int pstate_boost_write(void *state, const struct gov_instance *instance, const char *value);

#endif
