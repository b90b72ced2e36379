/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_RAPL_H
#define DRIVERS_INTEL_RAPL_H

#include "drivers/intel/intel.h"

/* Adds the power limits and energy counters of each RAPL zone, by MSR, MMIO or TPMI. */
int rapl_add(struct intel *intel);

#endif
