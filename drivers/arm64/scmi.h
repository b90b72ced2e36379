/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_SCMI_H
#define DRIVERS_ARM64_SCMI_H

#include "drivers/arm64/arm64.h"

/* Adds the policies of scmi-cpufreq and the zones of arm_scmi_powercap. Returns 0 or a negative errno. */
int scmi_add(struct arm64 *arm64);

#endif
