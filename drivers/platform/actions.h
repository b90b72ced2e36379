/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_ACTIONS_H
#define DRIVERS_PLATFORM_ACTIONS_H

#include "drivers/platform/platform.h"

/* Adds the knobs of power-profiles-daemon's three actions. 0 or -ENOMEM. */
int actions_add(struct platform *platform);

/* Write access of "trickle-charge" and "amdgpu-dpm": -EBUSY while the present value is one that a user or another program has
 * chosen on purpose. */
int actions_write_charge(void *state, const struct gov_instance *instance, const char *value);
int actions_write_dpm(void *state, const struct gov_instance *instance, const char *value);

#endif
