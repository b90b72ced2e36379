/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include <stdbool.h>

/* Whether this process's CLOCK_MONOTONIC is that of the service. In a time namespace it may be shifted. */
bool clock_is_common(void);

#endif
