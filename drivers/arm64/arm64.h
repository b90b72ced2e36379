/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_ARM64_ARM64_H
#define DRIVERS_ARM64_ARM64_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* The rows of the driver's table, in its order. */
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

/* The result of a probe. */
struct arm64 {
        struct knobset set; /* must be first: knobset.h's functions are called with a pointer to this struct */
        uint32_t n_cppc;    /* policies by kernel driver */
        uint32_t n_scmi;
        uint32_t n_zones; /* powercap zones */
        bool boosts;      /* at least one policy can boost */
};

#endif
