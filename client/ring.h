/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_RING_H
#define CLIENT_RING_H

#include "client/handle.h"

/* Maps the ring behind `fd`, which may be closed afterwards. Returns 0 or negative errno:
 *   -EBADMSG  the positions are invalid, or the file is too short or not sealed against truncation
 *   others    fstat() or mmap() failed */
int ring_map(int fd, struct ring *ret);
/* Unmaps the ring and sets its pointers to NULL. They may already be NULL. */
void ring_unmap(struct ring *ring);

/* Makes all further reports go into `ring`, or discards them if it is NULL. `rung` is GOV_QOS_RUNG_*, with RING_WAKES if the reader
 * must be woken. After a return value of 0 no report uses the former ring any more; the caller unmaps it.
 *   -EDEADLK  the lock was not released for a second, probably because a thread left a report early (siglongjmp, cancellation): the
 *             former ring must stay mapped, and the handle must be turned off */
int ring_use(struct gov_qos *qos, uint32_t rung, const struct ring *ring);

#endif
