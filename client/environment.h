/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_ENVIRONMENT_H
#define CLIENT_ENVIRONMENT_H

#include "include/governord/qos.h"

/* What `governorctl run` says goes before what the program asks for: GOVERNORD_TARGET_US, _PERMILLE, _WINDOW_US, _STALE_US (numbers), _CAP
 * (1 or 0). A variable that is no number, or is out of range, is as if it were not there; so are all of them in a program
 * with more rights than its caller. */
void environment_apply(struct gov_qos_options *options);

#endif
