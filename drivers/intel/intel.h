/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_INTEL_INTEL_H
#define DRIVERS_INTEL_INTEL_H

#include <stdbool.h>

#include "drivers/common/cpufreq.h"

/* The state and the row numbers of the driver, shared by the files of this folder. */

enum intel_row {
        INTEL_GOVERNOR,
        INTEL_EPP,
        INTEL_MIN_FREQ,
        INTEL_MAX_FREQ,
        INTEL_MIN_PERF_PCT,
        INTEL_MAX_PERF_PCT,
        INTEL_BOOST,
        INTEL_HWP_DYNAMIC_BOOST,
        INTEL_ENERGY_EFFICIENCY,
        INTEL_DRIVER_MODE,
        INTEL_TURBO_DISABLED,
        INTEL_EPB,
        INTEL_UNCORE_MIN_FREQ,
        INTEL_UNCORE_MAX_FREQ,
        INTEL_PL1,
        INTEL_PL1_WINDOW,
        INTEL_PL2,
        INTEL_PL2_WINDOW,
        INTEL_PL4,
        INTEL_ENERGY,
        INTEL_SUBZONE_PL1,
        INTEL_SUBZONE_PL1_WINDOW,
        INTEL_SUBZONE_ENERGY,
        INTEL_PSYS_PL1,
        INTEL_PSYS_PL1_WINDOW,
        INTEL_PSYS_PL2,
        INTEL_PSYS_PL2_WINDOW,
        INTEL_PSYS_ENERGY,
        INTEL_CORE_THROTTLES,
        INTEL_PACKAGE_THROTTLES,
        INTEL_HWP_EPP,
        INTEL_HWP_MIN,
        INTEL_HWP_MAX,
        INTEL_N_ROWS
};

#define INTEL_SCALING_DRIVERS "intel_pstate intel_cpufreq"

struct intel {
        struct knobset knobs;
        int n_policies; /* policies of INTEL_SCALING_DRIVERS */
};

#endif
