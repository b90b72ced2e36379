/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_RING_RULES_H
#define BPF_RING_RULES_H

/*
 * Checks of the data that a client wrote into a ring. BPF (rung 3) and the daemon (rung 4) share this source. Positions and records
 * are copied once, and the copies are checked here.
 */

#include "include/governord/ring.h"

#define RING_RECORD_BUSY    (UINT32_C(1) << 31)
#define RING_RECORD_DISCARD (UINT32_C(1) << 30)

/* True if `produced` is a valid producer position when everything before `consumed` was read. */
static inline int ring_fits(uint64_t consumed, uint64_t produced) {
        uint64_t ahead = produced - consumed;

        return ahead <= GOVERNORD_RING_SIZE && ahead % sizeof(struct governord_record) == 0;
}

enum ring_verdict {
        RING_TAKE,    /* a sample */
        RING_DISCARD, /* the writer has discarded it */
        RING_WAIT,    /* it is being written */
        RING_BAD,     /* not a valid record: the position of the next one is unknown */
};

static inline enum ring_verdict ring_judge(uint32_t length) {
        if (length & RING_RECORD_BUSY)
                return RING_WAIT;
        if ((length & ~RING_RECORD_DISCARD) != sizeof(struct governord_sample))
                return RING_BAD;
        return length & RING_RECORD_DISCARD ? RING_DISCARD : RING_TAKE;
}

#endif
