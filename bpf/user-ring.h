/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_RING_H
#define BPF_USER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/governord/ring.h"

/* The reader's side of a ring in a sealed memfd (include/governord/ring.h), for rung 4. The client is not trusted. */

#define USER_RING_REASON 128

struct user_ring {
        uint8_t *map;
        size_t page, bytes;
        uint64_t consumed;             /* the true consumer position; the client can overwrite the copy in the ring */
        uint64_t produced;             /* the producer position at the last user_ring_look() */
        uint64_t busy_since_ns;        /* time since which the next record has been incomplete, 0 if it is not */
        char reason[USER_RING_REASON]; /* after an error: a sentence that describes it */
};

/* Creates a ring. *ret_fd is for the client; the caller closes it. Returns 0 or a negative errno (-ENOMEM, -EMFILE, ...). */
int user_ring_new(struct user_ring *ring, int *ret_fd);
void user_ring_done(struct user_ring *ring);

/* Reads the producer position, up to which records can be taken. Call it before the clock is read, so that the end of a correct
 * sample is not in the future. Returns 0, or -EBADMSG if the position is invalid. */
int user_ring_look(struct user_ring *ring);
/* Copies the sample of the next record; its content is not checked. Discarded records are skipped. At most one full ring of records
 * can be taken after each user_ring_look(). Returns 1 and *ret, or:
 *   0           no record is left before the position of user_ring_look(), or the next one is still being written
 *   -EBADMSG    the record has a wrong length
 *   -ETIMEDOUT  the record has been incomplete for longer than patience_ns */
int user_ring_take(struct user_ring *ring, uint64_t now_ns, uint64_t patience_ns, struct governord_sample *ret);
/* Makes the space of taken records available to the client. Returns true if the ring has unread records. */
bool user_ring_release(struct user_ring *ring);

#endif
