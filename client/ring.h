/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_RING_H
#define CLIENT_RING_H

#include "client/handle.h"

/* Maps the ring behind `fd`, which may be closed afterwards.
 *   -EBADMSG  not a ring: its positions are invalid, or the file is too short or could be truncated */
int ring_map(int fd, struct ring *ret);
/* Accepts a ring whose pointers are all NULL, and sets them to NULL. */
void ring_unmap(struct ring *ring);

/* From now on reports go into `ring`, or are discarded (NULL). `rung` is GOV_QOS_RUNG_*, with RING_WAKES if the reader must be
 * woken. After a return value of 0 no report uses the former ring any more; the ring is not unmapped.
 *   -EDEADLK  a thread left a report half-way (siglongjmp, cancellation) and never releases the lock: the former ring must
 *             stay mapped, and the handle off */
int ring_use(struct gov_qos *qos, uint32_t rung, const struct ring *ring);

#endif
