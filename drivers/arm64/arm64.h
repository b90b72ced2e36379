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

/* What one probe found. */
struct arm64 {
        struct knobset set; /* first: the functions of knobset.h take the state as it is */
        uint32_t n_cppc;    /* policies by kernel driver */
        uint32_t n_scmi;
        uint32_t n_zones; /* powercap zones */
        bool boosts;      /* some policy can */
};

#endif
