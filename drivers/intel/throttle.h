/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_THROTTLE_H
#define DRIVERS_INTEL_THROTTLE_H

#include "drivers/intel/intel.h"

/* Adds the counters of thermal throttling, as sensors. Returns 0 or a negative errno. */
int throttle_add(struct intel *intel);

#endif
