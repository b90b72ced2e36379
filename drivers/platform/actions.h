/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_ACTIONS_H
#define DRIVERS_PLATFORM_ACTIONS_H

#include "drivers/platform/platform.h"

/* Adds the knobs of power-profiles-daemon's three actions. Returns 0 or -ENOMEM. */
int actions_add(struct platform *platform);

/* Write functions of "trickle-charge" and "amdgpu-dpm". They return -EBUSY while the current value is one that a user or another
 * program must have set manually. */
int actions_write_charge(void *state, const struct gov_instance *instance, const char *value);
int actions_write_dpm(void *state, const struct gov_instance *instance, const char *value);

#endif
