/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_ENVIRONMENT_H
#define CLIENT_ENVIRONMENT_H

#include "include/governord/qos.h"

/* Replaces options by the environment variables GOVERNORD_TARGET_US, _PERMILLE, _WINDOW_US, _STALE_US (numbers) and _CAP (1 or 0),
 * which `governorctl run` sets. A value that is not a number or out of range is ignored. All variables are ignored in a program
 * that runs with more privileges than its caller (secure_getenv(3)). */
void environment_apply(struct gov_qos_options *options);

#endif
