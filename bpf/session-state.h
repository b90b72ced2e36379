/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SESSION_STATE_H
#define BPF_SESSION_STATE_H

/* One session as every rung keeps it: in a BPF map that the daemon sees, or in the daemon alone. */

#include "bpf/policy.h"

#define SESSION_OPEN 1u /* flags: in use */
#define SESSION_CAPS 2u /* its level is a ceiling, too */

#define SESSION_THREADS 16 /* a constant for loops; as the core's SESSION_THREADS_MAX */

struct session {
        /* What the daemon says, before the session is opened or between two calls. */
        uint32_t flags, cookie;
        uint32_t tgid;
        uint32_t next;              /* slot + 1 of another session of this process, 0 none */
        uint32_t n_threads;         /* only these threads of the process count; 0: all */
        uint32_t threads[SESSION_THREADS];
        struct policy_target target;
        struct policy_limits limits;

        /* The BPF part's own. */
        uint32_t busy;              /* 1: somebody reads its ring */
        uint32_t empty, full;       /* reads in a row that found nothing; that found more than they took */
        uint32_t cpu;               /* where one of its threads ran last; UINT32_MAX: not seen yet */
        uint64_t swept_ns;          /* when claims that ended were looked for */
        uint32_t active;            /* 1: samples came within the stale time */

        /* What is shown. */
        uint32_t level;             /* what it asks for now, 0 while silent */
        uint64_t samples, violations, invalid;
        uint64_t last_ns;           /* of the last sample, 0 never */
        uint32_t delay_ns;          /* from the end of the work to the decision, smoothed */
        uint32_t error;             /* errno of a ring that cannot be read any more, 0 fine */

        struct policy_state policy;
};

#endif
