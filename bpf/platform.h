/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_H
#define BPF_PLATFORM_H

/* Shared by the platform part (platform.bpf.c) and the daemon (rung 3): mapped memory, and contexts of programs. */

#include "bpf/hint.h"
#include "bpf/session-state.h"
#include "include/governord/ring.h"

#define PLATFORM_SESSIONS  1024                     /* at least SESSIONS_MAX of the core */
#define PLATFORM_WORDS     (PLATFORM_SESSIONS / 64) /* of a bitmap of slots */
#define PLATFORM_CPUS_MAX  4096                     /* maps of CPUs have an entry for each CPU of the machine, up to this number */
#define PLATFORM_CPU_WORDS (PLATFORM_CPUS_MAX / 64) /* of a bitmap of CPUs */

/* Demand of all sessions on one CPU, written by BPF and read by the daemon. */
struct platform_demand {
        struct hint_sum sum;
};

#define PLATFORM_FEED_MAX 64

#define PLATFORM_RINGS 4096 /* maximum number of rings: those of sessions, and those that clients keep after the end of a session */
/* The page size that rung 3 requires; it determines the layout of a ring (include/governord/ring.h). It is a constant because
 * libbpf 1.5 crashes if the size of the template in the map of rings is changed at run time. */
#define PLATFORM_PAGE 4096

enum { RING_KIND_ARRAY = 0, RING_KIND_USER_RINGBUF = 1 };

/* The largest amount of work of any run of a program so far. Tests check the bounds in platform.bpf.c with it. */
struct platform_most {
        uint32_t switch_records; /* read with a run queue locked */
        uint32_t kick_records;
        uint32_t tick_records, tick_sessions;
};

/* Memory that both sides map. */
struct platform_shared {
        uint64_t maybe[1024];               /* bit tgid % 65536 is set if a process with this tgid may have sessions */
        uint64_t active[PLATFORM_WORDS];    /* slots that ticks serve */
        uint64_t dirty[PLATFORM_CPU_WORDS]; /* CPUs whose demand has changed since the daemon last read it */
        uint64_t suspect[PLATFORM_WORDS];   /* slots whose ring became unreadable */
        uint64_t woken_ns;                  /* time of the last wake-up of the daemon */
        uint64_t tick_ns;                   /* interval of ticks */
        uint64_t round;                     /* number of ticks so far */
        uint32_t cursor;                    /* slot at which the next tick begins */
        uint32_t tick_users;                /* number of users with active sessions at the last tick */
        uint32_t ticking;                   /* 1 while ticks run */
        uint32_t wake_pending;              /* 1: a wake-up was sent and is not handled yet */
        uint32_t n_cpus;
        uint32_t paused;        /* 1 while the policy is being replaced: no ring is read */
        uint32_t generation;    /* generation of the programs that may call the policy */
        uint32_t wake_deferred; /* 1: a wake-up was suppressed because the last one was too recent; a later tick sends it */
        struct platform_most most;
        uint32_t feed[PLATFORM_FEED_MAX]; /* latencies in microseconds, written by the daemon */
};

/* CPUs on which a session has claims, or had claims that ticks have not removed yet, as a bitmap. */
struct platform_cpus {
        uint64_t words[PLATFORM_CPU_WORDS];
};

/* Context of the program `holders`. */
struct platform_ring {
        uint32_t ring, kind;
};

/* Context of the program `feed`: samples that came over D-Bus, the first n of platform_shared.feed. */
struct platform_feed {
        uint32_t slot, n;
};

/* Wakes the daemon, which reads the changes from struct platform_shared. */
struct platform_event {
        uint64_t now_ns;
};

#endif
