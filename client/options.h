/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "include/governord/qos.h"

/* Copies the members within the caller's size, replaces a permille of 0 by the default (the service applies the other defaults),
 * checks all values, and applies the environment variables. -EINVAL: `options` is NULL, a value is out of range, or an option is
 * unknown to this library. */
int options_read(const struct gov_qos_options *options, struct gov_qos_options *ret);

#endif
