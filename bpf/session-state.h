/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SESSION_STATE_H
#define BPF_SESSION_STATE_H

/* The record of a session, for rungs 3 and 4: in a BPF map that the daemon maps (rung 3), or in the daemon's memory (rung 4). */

#include "bpf/policy.h"
#include "include/governord/qos.h"

#define SESSION_OPEN 1u /* flags: the slot is in use */
#define SESSION_CAPS 2u /* its level is a ceiling as well */

struct session {
        /* Written by the daemon. */
        uint32_t flags, cookie;
        uint32_t tgid;
        uint32_t next;      /* slot + 1 of the next session of this process, 0 if none */
        uint32_t n_threads; /* number of entries in threads[]; 0: all threads of the process count */
        uint32_t threads[GOV_QOS_THREADS_MAX];
        uint32_t ring, ring_kind; /* number of its ring, and RING_KIND_* (rung 3) */
        uint32_t user;            /* number below PLATFORM_SESSIONS, the same for all sessions of a user (rung 3) */
        struct policy_target target;
        struct policy_limits limits;

        /* Used by BPF programs (rung 3); the daemon initializes these members (slots.c) and resets `cpu` when a thread does not
         * count any more. Rung 4 uses only `active`. */
        uint32_t busy;          /* 1: a program, or slots.c, holds the session; only the holder may take records from its ring */
        uint32_t cpu;           /* CPU on which a thread of the session was last switched in or out; UINT32_MAX: none yet */
        uint64_t consumed;      /* the true consumer position; clients can overwrite the copy in the ring */
        uint64_t read_ns;       /* time of the current read of the ring */
        uint64_t stuck_ns;      /* time since which the next record has been incomplete, 0 if it is not */
        uint64_t barrier;       /* always 0; atomic operations on it serve as memory barriers */
        uint64_t swept_ns;      /* time of the last search for claims that have ended */
        uint32_t applied_level; /* the rounded level that was last applied to the CPUs */
        uint32_t apply_pending; /* 1: applied_level has not reached all CPUs yet */
        uint32_t sweep_cpu;     /* CPU at which the next tick continues to apply the level; 0: begins again */
        uint32_t verdict;       /* enum ring_verdict of the last record */
        uint32_t active;        /* 1: samples arrived within the stale time */

        /* Shown to users. */
        uint32_t level;                        /* the requested level, 0 while the session is not active */
        uint64_t samples, violations, invalid; /* numbers of latencies, of those above the target, and of invalid records */
        uint64_t last_ns;                      /* time of the last sample, 0 if there was none */
        uint32_t delay_ns;                     /* smoothed time from the end of work to the decision */
        uint32_t error;                        /* positive errno if the ring became unreadable, or 0 */

        struct policy_state policy;
};

#endif
