/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_PLATFORM_H
#define DRIVERS_PLATFORM_PLATFORM_H

#include "drivers/common/knobset.h"
#include "drivers/platform/latency.h"
#include "drivers/platform/watch.h"

/* The rows of the driver's table, in its order. */
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

/* The result of a probe. */
struct platform {
        struct knobset set; /* must be first: knobset.h's functions are called with a pointer to this struct */
        struct latency latency;
        struct watch watch;
};

#endif
