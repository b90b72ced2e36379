/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SESSION_STATE_H
#define BPF_SESSION_STATE_H

/* One session as every rung keeps it: in a BPF map that the daemon sees, or in the daemon alone. */

#include "bpf/policy.h"
#include "include/governord/qos.h"

#define SESSION_OPEN 1u /* flags: in use */
#define SESSION_CAPS 2u /* its level is a ceiling, too */

struct session {
        /* What the daemon says, before the session is opened or between two calls. */
        uint32_t flags, cookie;
        uint32_t tgid;
        uint32_t next;      /* slot + 1 of another session of this process, 0 none */
        uint32_t n_threads; /* only these threads of the process count; 0: all */
        uint32_t threads[GOV_QOS_THREADS_MAX];
        uint32_t ring, ring_kind; /* number of its ring among all, RING_KIND_* (rung 3) */
        uint32_t user;            /* small number that its user's sessions have in common (rung 3) */
        struct policy_target target;
        struct policy_limits limits;

        /* The BPF part's own. */
        uint32_t busy;      /* 1: a program reads its ring */
        uint32_t cpu;       /* where one of its threads ran last; UINT32_MAX: not seen yet */
        uint64_t consumed;  /* the true consumer position; the one in the ring only repeats it, since the client can write there */
        uint64_t read_ns;   /* the clock, while its ring is read */
        uint64_t stuck_ns;  /* since when the record at the head is one that is being written; 0 it is not */
        uint64_t looks;     /* at the ring's positions */
        uint64_t swept_ns;  /* when claims that ended were looked for */
        uint32_t told;      /* the level, rounded, that its CPUs were told last */
        uint32_t untold;    /* 1: not all of them were */
        uint32_t sweep_cpu; /* where the next tick goes on telling them; 0: from the first */
        uint32_t verdict;   /* of the record that was read last */
        uint32_t active;    /* 1: samples came within the stale time */

        /* What is shown. */
        uint32_t level; /* what it asks for now, 0 while silent */
        uint64_t samples, violations, invalid;
        uint64_t last_ns;  /* of the last sample, 0 never */
        uint32_t delay_ns; /* from the end of the work to the decision, smoothed */
        uint32_t error;    /* errno of a ring that cannot be read any more, 0 fine */

        struct policy_state policy;
};

#endif
