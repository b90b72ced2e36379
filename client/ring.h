/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_RING_H
#define CLIENT_RING_H

#include "client/handle.h"

/* Maps the ring behind `fd`, which may be closed afterwards.
 *   -EBADMSG  no ring: the positions in it are not valid, or the file is too short, or could become so */
int ring_map(int fd, struct ring *ret);
/* All NULL is fine, and is what it leaves. */
void ring_unmap(struct ring *ring);

/* From now on reports go into `ring`, or nowhere (NULL). `rung` is GOV_QOS_RUNG_* and, if need be, RING_WAKES. When it returns 0 no report uses the former ring any more. It is not
 * freed.
 *   -EDEADLK  a thread left a report half-way (siglongjmp, cancellation) and holds its lock for ever: the former ring must stay
 *             mapped, and the handle off */
int ring_use(struct gov_qos *qos, uint32_t rung, const struct ring *ring);

#endif
