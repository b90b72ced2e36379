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

/* What all sessions together request of one CPU. BPF writes it, the daemon reads it. */
struct platform_wish {
        struct hint_sum sum;
};

#define PLATFORM_FEED_MAX 64

#define PLATFORM_RINGS 4096 /* rings at a time: those of sessions, and those of ended sessions whose clients still hold them */
/* Page size of the machine, on which the layout of a ring depends (include/governord/ring.h). It is a constant since the table of
 * rings has a template of this size, and libbpf 1.5 crashes when a template's size is changed. */
#define PLATFORM_PAGE 4096

enum { RING_KIND_ARRAY = 0, RING_KIND_USER_RINGBUF = 1 };

/* The maximum amount of work of one run of a program since it was loaded. Tests check the bounds in platform.bpf.c with it. */
struct platform_most {
        uint32_t switch_records; /* while a run queue was locked */
        uint32_t kick_records;
        uint32_t tick_records, tick_sessions;
};

/* One object in memory that both sides map. */
struct platform_shared {
        uint64_t maybe[1024];               /* bit (tgid % 65536): a process with this number may have sessions */
        uint64_t active[PLATFORM_WORDS];    /* slots with recent samples */
        uint64_t dirty[PLATFORM_CPU_WORDS]; /* CPUs whose request changed since the daemon's last read */
        uint64_t suspect[PLATFORM_WORDS];   /* slots whose ring cannot be read any more */
        uint64_t woken_ns;                  /* time of the last wake-up of the daemon */
        uint64_t tick_ns;                   /* period of ticks */
        uint64_t round;                     /* ticks so far */
        uint32_t cursor;                    /* the slot at which the next tick begins */
        uint32_t tick_users;                /* users with active sessions at the last tick */
        uint32_t ticking;                   /* 1: ticks are running */
        uint32_t asked;                     /* 1: a wake-up was sent that the daemon has not handled yet */
        uint32_t n_cpus;
        uint32_t paused;     /* 1: no ring is read, since the policy is being replaced */
        uint32_t generation; /* of the governor whose programs may call the policy */
        uint32_t late;       /* 1: something changed too soon after the last wake-up; the next tick sends another one */
        struct platform_most most;
        uint32_t feed[PLATFORM_FEED_MAX]; /* latencies in microseconds, written by the daemon */
};

/* Where a session requests its level: a bit for each CPU. */
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

/* A wake-up of the daemon. The changes are in struct platform_shared. */
struct platform_event {
        uint64_t now_ns;
};

#endif
