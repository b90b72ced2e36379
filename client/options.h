/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "include/governord/qos.h"

/* Copies as many members as the caller's size covers, replaces a permille of 0 by the default (the service has the other defaults),
 * and checks all values. -EINVAL: out of range, or an option that this library does not know. */
int options_read(const struct gov_qos_options *options, struct gov_qos_options *ret);

#endif
