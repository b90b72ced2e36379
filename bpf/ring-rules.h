/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_RING_RULES_H
#define BPF_RING_RULES_H

/*
 * What the reader of a ring believes of what a client wrote there. The same source in BPF (rung 3) and in the daemon (rung 4). Positions and
 * records are copied once, and the copies are judged here.
 */

#include "include/governord/ring.h"

#define RING_RECORD_BUSY    (UINT32_C(1) << 31)
#define RING_RECORD_DISCARD (UINT32_C(1) << 30)

/* Can the producer be there when all before `consumed` was read? */
static inline int ring_fits(uint64_t consumed, uint64_t produced) {
        uint64_t ahead = produced - consumed;

        return ahead <= GOVERNORD_RING_SIZE && ahead % sizeof(struct governord_record) == 0;
}

enum ring_verdict {
        RING_TAKE,    /* a sample */
        RING_DISCARD, /* one that its writer took back */
        RING_WAIT,    /* it is being written */
        RING_BAD,     /* no record of ours: where the next one begins is unknown */
};

static inline enum ring_verdict ring_judge(uint32_t length) {
        if (length & RING_RECORD_BUSY)
                return RING_WAIT;
        if ((length & ~RING_RECORD_DISCARD) != sizeof(struct governord_sample))
                return RING_BAD;
        return length & RING_RECORD_DISCARD ? RING_DISCARD : RING_TAKE;
}

#endif
