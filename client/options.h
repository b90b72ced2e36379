/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "include/governord/qos.h"

/* Takes over as much as the caller's size says, puts the default for a permille of 0 (others are the service's), and checks all.
 * -EINVAL: out of range, or something that this library does not know. */
int options_read(const struct gov_qos_options *options, struct gov_qos_options *ret);

#endif
