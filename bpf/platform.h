/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_H
#define BPF_PLATFORM_H

/* What the platform part (platform.bpf.c) and the daemon (bpf-engine.c) share: memory that both map, and the contexts of programs that
 * the daemon runs. */

#include "bpf/hint.h"
#include "bpf/session-state.h"
#include "include/governord/ring.h"

#define PLATFORM_SESSIONS  1024                     /* as many as the core allows */
#define PLATFORM_WORDS     (PLATFORM_SESSIONS / 64) /* bitmap of slots */
#define PLATFORM_CPUS_MAX  4096                     /* array maps are made as long as the machine needs */
#define PLATFORM_CPU_WORDS (PLATFORM_CPUS_MAX / 64)

/* What all sessions ask of one CPU: written by BPF, read by the daemon. */
struct platform_wish {
        struct hint_sum sum;
};

#define PLATFORM_FEED_MAX 64

#define PLATFORM_RINGS 4096 /* alive at a time: those of sessions, and of ended ones whose clients keep them */
/* Of the machine: where in a ring things lie (include/governord/ring.h). The table of rings has a template of this size, and libbpf 1.5 crashes when a
 * template's size is changed. */
#define PLATFORM_PAGE 4096

enum { RING_KIND_ARRAY = 0, RING_KIND_USER_RINGBUF = 1 };

/* The most that one run of a program has done, since it was loaded: what the bounds in platform.bpf.c are tested by. */
struct platform_most {
        uint32_t switch_records; /* while a run queue was locked */
        uint32_t kick_records;
        uint32_t tick_records, tick_sessions;
};

/* One object in memory that both sides map. */
struct platform_shared {
        uint64_t maybe[1024];               /* bit (tgid % 65536): a process with this number may have sessions */
        uint64_t active[PLATFORM_WORDS];    /* slots with samples of late */
        uint64_t dirty[PLATFORM_CPU_WORDS]; /* CPUs whose wish changed since the daemon looked */
        uint64_t suspect[PLATFORM_WORDS];   /* slots whose ring cannot be read, or where nothing was found for long */
        uint64_t woken_ns;                  /* when the daemon was told last */
        uint64_t tick_ns;                   /* period of ticks */
        uint64_t round;                     /* ticks so far */
        uint32_t cursor;                    /* the slot that the next tick begins with */
        uint32_t tick_users;                /* users with active sessions at the last tick */
        uint32_t ticking;                   /* 1: ticks come */
        uint32_t asked;                     /* 1: the daemon was told and has not looked yet */
        uint32_t n_cpus;
        uint32_t paused;     /* 1: no ring is read, since the policy is being replaced */
        uint32_t generation; /* of the governor whose programs may ask the policy */
        uint32_t late;       /* 1: something changed too soon after the last wake-up, the next tick tells */
        struct platform_most most;
        uint32_t feed[PLATFORM_FEED_MAX]; /* latencies in microseconds, by the daemon */
};

/* Where a session asks for its level: a bit for each CPU. */
struct platform_cpus {
        uint64_t words[PLATFORM_CPU_WORDS];
};

/* Context of `holders`: which ring. */
struct platform_ring {
        uint32_t ring, kind;
};

/* Context of `feed`: samples that came over D-Bus, the first n of platform_shared.feed. */
struct platform_feed {
        uint32_t slot, n;
};

/* A wake-up of the daemon; what happened is in struct platform_shared. */
struct platform_event {
        uint64_t now_ns;
};

#endif
