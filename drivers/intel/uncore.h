/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_UNCORE_H
#define DRIVERS_INTEL_UNCORE_H

#include "drivers/intel/intel.h"

/* Adds the frequency limits of each uncore domain: package_XX_die_YY, or uncoreNN on machines with TPMI. */
int uncore_add(struct intel *intel);

#endif
