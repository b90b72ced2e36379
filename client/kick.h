/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_KICK_H
#define CLIENT_KICK_H

#include "client/handle.h"

/* Sets what gov_qos_kick() does from now on. `fd` is duplicated, and the caller keeps it; with KICK_NONE it is any descriptor to
 * which a write does no harm. 0 or negative errno. */
int kick_use(struct gov_qos *qos, uint32_t kind, int fd, uint32_t slot, uint32_t cookie);
/* Wakes the reader of an eventfd; does nothing with another kind of kick. Keeps errno. */
void kick_wake(struct gov_qos *qos);

#endif
