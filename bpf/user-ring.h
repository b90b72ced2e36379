/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_RING_H
#define BPF_USER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/governord/ring.h"

/* The reader's side of a ring that is a sealed memfd (include/governord/ring.h), for rung 4. The other side is hostile. */

#define USER_RING_REASON 128

struct user_ring {
        uint8_t *map;
        size_t page, bytes;
        uint64_t consumed;             /* where we are; page 0 only repeats it, since the client can write there */
        uint64_t produced;             /* as of the latest look */
        uint64_t busy_since_ns;        /* when the record at the head was first seen to be busy; 0 it is not */
        char reason[USER_RING_REASON]; /* after an error: what the application did, as a sentence */
};

/* Fills *ring; *ret_fd is for the client and the caller's to close. -ENOMEM, -EMFILE and the like. */
int user_ring_new(struct user_ring *ring, int *ret_fd);
void user_ring_done(struct user_ring *ring);

/* Reads the producer's position, once: records up to there can be taken. Look before the clock is read, so that no record of an
 * honest client is from the future. -EBADMSG: the position is not valid. */
int user_ring_look(struct user_ring *ring);
/* Copies the next record's sample, unchecked. 1; 0 when nothing is left of what the look saw, or the next record is still being
 * written; -EBADMSG for a record of a wrong length, -ETIMEDOUT for one that has been busy for longer than patience_ns. At most as
 * many records as the ring has room for come between two looks. */
int user_ring_take(struct user_ring *ring, uint64_t now_ns, uint64_t patience_ns, struct governord_sample *ret);
/* Gives the room of what was taken back to the client. True when there are records that were not taken. */
bool user_ring_release(struct user_ring *ring);

#endif
