/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_SHARED_BPF_H
#define BPF_PLATFORM_SHARED_BPF_H

/* What all of the platform part works on: the memory that it shares with the daemon, and how that is told to look. */

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "bpf/platform.h"

#define WAKE_NS 500000ull    /* the daemon is not told more often: no cpufreq driver follows faster */
#define LOST_NS 100000000ull /* a wake-up without an answer is repeated */

/* errno.h */
#define E_PERM     1
#define E_BUSY     16
#define E_INVAL    22
#define E_NODATA   61
#define E_BADMSG   74
#define E_TIMEDOUT 110
#define E_STALE    116

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PLATFORM_SESSIONS);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct session);
} sessions SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct platform_shared);
} shared_map SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 65536); /* a page at least, on all machines; one event at a time is on its way */
} events SEC(".maps");

static __always_inline struct platform_shared *shared(void) {
        uint32_t zero = 0;

        return bpf_map_lookup_elem(&shared_map, &zero);
}

/* An atomic whose result is not used orders nothing on arm64; this one is a full barrier. */
static __always_inline void mark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_or(word, bit);

        __asm__ volatile("" ::"r"(before));
}

static __always_inline void unmark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_and(word, ~bit);

        __asm__ volatile("" ::"r"(before));
}

/* Once until it has looked, and not more often than it could act: the next tick makes up for what was left out. Ticks may
 * stop at this moment, so `ticking` is looked at again: the last one looks at `late` after it has stopped them. */
static __always_inline void tell(struct platform_shared *all, uint64_t now_ns) {
        volatile uint32_t *ticking = &all->ticking;
        struct platform_event *event;

        if (*ticking && now_ns - all->woken_ns < WAKE_NS) {
                (void) __sync_val_compare_and_swap(&all->late, 0, 1);
                if (*ticking)
                        return;
        }
        if (all->asked && now_ns - all->woken_ns < LOST_NS)
                return;
        event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
        if (!event)
                return;
        all->asked = 1;
        all->late = 0;
        all->woken_ns = now_ns;
        event->now_ns = now_ns;
        bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

#endif
