/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_BOOST_H
#define DRIVERS_COMMON_BOOST_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* True if the policy's hardware can exceed its nominal frequency, as far as the kernel shows this. Newer kernels create the boost
 * files for every policy, and return an error for writes that would have no effect. */
bool boost_exists(const struct gov_host *host, uint32_t policy);

#endif
