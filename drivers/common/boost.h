/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_BOOST_H
#define DRIVERS_COMMON_BOOST_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* Returns false if, according to the kernel, the hardware of the policy cannot exceed its nominal frequency; true also
 * if the kernel does not show this. Newer kernels create the
 * boost files for every policy, and return an error for writes without effect. */
bool boost_exists(const struct gov_host *host, uint32_t policy);

#endif
