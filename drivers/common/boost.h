/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_BOOST_H
#define DRIVERS_COMMON_BOOST_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* The policy's hardware can go above its nominal frequency, as far as the kernel lets us know. Newer kernels make the boost files
 * for every policy, and return an error for writes that would do nothing. */
bool boost_exists(const struct gov_host *host, uint32_t policy);

#endif
