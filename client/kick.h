/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_KICK_H
#define CLIENT_KICK_H

#include "client/handle.h"

/* Sets the action of gov_qos_kick(). `fd` is duplicated and still belongs to the caller; with KICK_NONE it can be any descriptor to
 * which a write does no harm. Returns 0 or negative errno. */
int kick_use(struct gov_qos *qos, uint32_t kind, int fd, uint32_t slot, uint32_t cookie);
/* Wakes the service by the eventfd; does nothing for another kind of kick. Preserves errno. */
void kick_wake(struct gov_qos *qos);

#endif
