/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SESSION_STATE_H
#define BPF_SESSION_STATE_H

/* One session, in the form that all rungs share: in a BPF map that the daemon maps, or in the daemon's own memory. */

#include "bpf/policy.h"
#include "include/governord/qos.h"

#define SESSION_OPEN 1u /* flags: in use */
#define SESSION_CAPS 2u /* its level is a ceiling as well */

struct session {
        /* Written by the daemon, before the session is opened or between two calls. */
        uint32_t flags, cookie;
        uint32_t tgid;
        uint32_t next;      /* slot + 1 of another session of this process, 0 none */
        uint32_t n_threads; /* number of entries in threads[]; 0: all threads of the process */
        uint32_t threads[GOV_QOS_THREADS_MAX];
        uint32_t ring, ring_kind; /* number of its ring, and RING_KIND_* (rung 3) */
        uint32_t user;            /* a small number that identifies the session's user (rung 3) */
        struct policy_target target;
        struct policy_limits limits;

        /* Used by the BPF part only. */
        uint32_t busy;      /* 1: a program reads its ring */
        uint32_t cpu;       /* where one of its threads ran last; UINT32_MAX: not seen yet */
        uint64_t consumed;  /* the true consumer position; the one in the ring is only a copy, since the client can write there */
        uint64_t read_ns;   /* the time of the current read of its ring */
        uint64_t stuck_ns;  /* time since which the record at the head has been incomplete; 0: it is not */
        uint64_t looks;     /* counts reads of the ring's positions */
        uint64_t swept_ns;  /* time of the last search for claims that have ended */
        uint32_t told;      /* the rounded level that was last applied on its CPUs */
        uint32_t untold;    /* 1: that level has not reached all of its CPUs yet */
        uint32_t sweep_cpu; /* CPU at which the next tick resumes to apply that level; 0: starts over */
        uint32_t verdict;   /* the check's result for the last record */
        uint32_t active;    /* 1: samples came within the stale time */

        /* Shown to users. */
        uint32_t level; /* the level that it requests now, 0 while silent */
        uint64_t samples, violations, invalid;
        uint64_t last_ns;  /* time of the last sample, 0: there was none */
        uint32_t delay_ns; /* from the end of the work to the decision, smoothed */
        uint32_t error;    /* errno if its ring cannot be read any more, or 0 */

        struct policy_state policy;
};

#endif
