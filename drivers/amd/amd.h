/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_AMD_H
#define DRIVERS_AMD_AMD_H

#include "drivers/amd/floor.h"
#include "drivers/amd/hsmp.h"
#include "drivers/common/knobset.h"

/* Row numbers of the driver's table. */
enum amd_row {
        ROW_GOVERNOR,
        ROW_EPP,
        ROW_MIN_FREQ,
        ROW_MAX_FREQ,
        ROW_DRIVER_MODE,
        ROW_BOOST_GLOBAL,
        ROW_BOOST,
        ROW_FLOOR_FREQ,
        ROW_FLOOR_COUNT,
        ROW_PREFCORE_RANKING,
        ROW_EFFICIENT_FREQ,
        ROW_ENERGY,
        ROW_PL1,
        ROW_POWER,
        ROW_COUNT
};

/* The state of the driver. */
struct amd {
        struct knobset set; /* must be the first member, see knobset.h */
        struct floors floors;
        struct hsmp hsmp;
        uint32_t n_policies; /* policies of amd-pstate */
        uint32_t first_policy;
        uint32_t n_zones;   /* packages with an energy counter */
        uint32_t n_sockets; /* sockets that respond to HSMP messages */
};

#endif
