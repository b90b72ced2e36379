/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_ARM64_H
#define DRIVERS_ARM64_ARM64_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* Row numbers of the driver's table. */
enum arm64_row {
        ROW_AUTO_SELECT,
        ROW_GOVERNOR,
        ROW_EPP,
        ROW_MIN_FREQ,
        ROW_MAX_FREQ,
        ROW_BOOST_GLOBAL,
        ROW_BOOST,
        ROW_PL1,
        ROW_PL1_WINDOW,
        ROW_ENERGY,
        ROW_POWER,
        ROW_COUNT
};

/* The state of the driver. */
struct arm64 {
        struct knobset set; /* must be the first member, see knobset.h */
        uint32_t n_cppc;    /* policies of cppc_cpufreq */
        uint32_t n_scmi;    /* policies of scmi-cpufreq */
        uint32_t n_zones;   /* powercap zones */
        bool boosts;        /* at least one policy can boost */
};

#endif
