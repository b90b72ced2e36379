/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_PROFILE_H
#define DRIVERS_PLATFORM_PROFILE_H

#include "drivers/platform/platform.h"

#define PROFILE_DIR "sys/firmware/acpi"

/* Adds the platform profile: the files of its handlers if they exist, otherwise the single file. Returns 0 or -ENOMEM. */
int profile_add(struct platform *platform);
/* Reads the names of the available profiles, separated by single spaces. Returns 0, or a negative errno if there is no platform
 * profile. */
int profile_choices(const struct gov_host *host, char *ret, size_t size);

#endif
