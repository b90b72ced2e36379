/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include <stdbool.h>

/* Whether this process's CLOCK_MONOTONIC is the kernel's own, which the service compares with. Not so in a time namespace. */
bool clock_is_common(void);

#endif
