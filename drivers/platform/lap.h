/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_LAP_H
#define DRIVERS_PLATFORM_LAP_H

#include "drivers/platform/platform.h"

/* Adds the lap sensor of ThinkPads. Returns 0 or -ENOMEM. */
int lap_add(struct platform *platform);

#endif
