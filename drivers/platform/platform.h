/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_PLATFORM_H
#define DRIVERS_PLATFORM_PLATFORM_H

#include "drivers/common/knobset.h"
#include "drivers/platform/latency.h"
#include "drivers/platform/watch.h"

/* Row numbers of the driver's table. */
enum platform_row {
        ROW_PROFILE,
        ROW_LAP_MODE,
        ROW_DMA_LATENCY,
        ROW_RESUME_LATENCY,
        ROW_TRICKLE_CHARGE,
        ROW_PANEL_POWER,
        ROW_DPM,
        ROW_COUNT
};

/* The state of the driver. */
struct platform {
        struct knobset set; /* must be the first member, see knobset.h */
        struct latency latency;
        struct watch watch;
};

#endif
