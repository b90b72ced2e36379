/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_EPB_H
#define DRIVERS_INTEL_EPB_H

#include "drivers/intel/intel.h"

/* Adds the energy performance bias of each CPU. Returns 0 or a negative errno. */
int epb_add(struct intel *intel);

#endif
