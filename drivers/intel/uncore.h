/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_UNCORE_H
#define DRIVERS_INTEL_UNCORE_H

#include "drivers/intel/intel.h"

/* Adds the frequency limits of all uncore domains: package_XX_die_YY, or uncoreNN on machines with TPMI. Returns 0 or a negative
 * errno. */
int uncore_add(struct intel *intel);

#endif
