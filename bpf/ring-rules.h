/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_RING_RULES_H
#define BPF_RING_RULES_H

/*
 * Checks of the data that a client wrote into a ring, compiled into BPF (rung 3) and into the daemon (rung 4). The callers copy
 * positions and records before the check, so that the client cannot change them afterwards.
 */

#include "include/governord/ring.h"

#define RING_RECORD_BUSY    (UINT32_C(1) << 31)
#define RING_RECORD_DISCARD (UINT32_C(1) << 30)

/* Returns true if `produced` is a valid producer position for the consumer position `consumed`. */
static inline int ring_fits(uint64_t consumed, uint64_t produced) {
        uint64_t ahead = produced - consumed;

        return ahead <= GOVERNORD_RING_SIZE && ahead % sizeof(struct governord_record) == 0;
}

enum ring_verdict {
        RING_TAKE,    /* a complete record */
        RING_DISCARD, /* discarded by the client */
        RING_WAIT,    /* still being written */
        RING_BAD,     /* of a wrong length, so the position of the next record is unknown */
};

static inline enum ring_verdict ring_judge(uint32_t length) {
        if (length & RING_RECORD_BUSY)
                return RING_WAIT;
        if ((length & ~RING_RECORD_DISCARD) != sizeof(struct governord_sample))
                return RING_BAD;
        return length & RING_RECORD_DISCARD ? RING_DISCARD : RING_TAKE;
}

#endif
