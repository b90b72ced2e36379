/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CLOCK_H
#define CLIENT_CLOCK_H

#include <stdbool.h>

/* Returns false if CLOCK_MONOTONIC of this process is shifted by a time namespace, and so differs from the service's. */
bool clock_is_common(void);

#endif
