/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_RAPL_H
#define DRIVERS_INTEL_RAPL_H

#include "drivers/intel/intel.h"

/* Adds the power limits and energy counters of all RAPL zones (MSR, MMIO or TPMI). Returns 0 or a negative errno. */
int rapl_add(struct intel *intel);

#endif
