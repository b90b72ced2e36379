/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_RING_H
#define BPF_USER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/governord/ring.h"

/* The reader's side of a ring that is a sealed memfd (include/governord/ring.h), for rung 4. The writer is not trusted. */

#define USER_RING_REASON 128

struct user_ring {
        uint8_t *map;
        size_t page, bytes;
        uint64_t consumed;             /* the consumer position; page 0 holds only a copy, since the client can write there */
        uint64_t produced;             /* the producer position as of the last user_ring_look() */
        uint64_t busy_since_ns;        /* when the record at the head was first seen to be busy; 0: it is not */
        char reason[USER_RING_REASON]; /* after an error: what the application did, as a sentence */
};

/* Fills *ring. *ret_fd is for the client; the caller closes it. -ENOMEM, -EMFILE and the like. */
int user_ring_new(struct user_ring *ring, int *ret_fd);
void user_ring_done(struct user_ring *ring);

/* Reads the producer position once: records up to there can be taken. To be called before the clock is read, so that no record of a
 * correct client appears to be from the future. -EBADMSG: the position is invalid. */
int user_ring_look(struct user_ring *ring);
/* Copies the sample of the next record, unchecked. Returns 1; 0 if no record is left up to the position that user_ring_look() read,
 * or the next one is still being written; -EBADMSG for a record of a wrong length; -ETIMEDOUT for one that has been busy for longer
 * than patience_ns. Between two calls of user_ring_look() there are at most as many records as fit into the ring. */
int user_ring_take(struct user_ring *ring, uint64_t now_ns, uint64_t patience_ns, struct governord_sample *ret);
/* Releases the room of the taken records to the client. Returns true if there are records that were not taken. */
bool user_ring_release(struct user_ring *ring);

#endif
