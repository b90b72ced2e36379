/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_PROFILE_H
#define DRIVERS_PLATFORM_PROFILE_H

#include "drivers/platform/platform.h"

#define PROFILE_DIR "sys/firmware/acpi"

/* Adds the platform profile: its handlers if the kernel shows them, otherwise the one file. 0 or -ENOMEM. */
int profile_add(struct platform *platform);
/* Reads the profiles that may be chosen, separated by single blanks. 0; negative errno when there is no platform profile. */
int profile_choices(const struct gov_host *host, char *ret, size_t size);

#endif
