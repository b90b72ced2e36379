/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_SHARED_BPF_H
#define BPF_PLATFORM_SHARED_BPF_H

/* Memory that the platform part shares with the daemon, and the wake-up of the daemon. */

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "bpf/platform.h"

#define WAKE_NS 500000ull    /* shortest interval of wake-ups while ticks run */
#define LOST_NS 100000000ull /* time after which another wake-up may be sent although the daemon has not handled the last one */

/* As in <errno.h>, which BPF cannot include. */
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
        __uint(max_entries, 65536); /* whole pages on all machines. Few events are pending at a time, see wake_daemon() */
} events SEC(".maps");

static __always_inline struct platform_shared *shared(void) {
        uint32_t zero = 0;

        return bpf_map_lookup_elem(&shared_map, &zero);
}

/* A full memory barrier, because the result is used: on arm64, an atomic operation without a used result is not a barrier. */
static __always_inline void mark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_or(word, bit);

        __asm__ volatile("" ::"r"(before));
}

static __always_inline void unmark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_and(word, ~bit);

        __asm__ volatile("" ::"r"(before));
}

/* Wakes the daemon, unless a wake-up that was sent less than LOST_NS ago is pending, or ticks run and the last wake-up was sent
 * less than WAKE_NS ago; in the latter case a later tick wakes it. `ticking` is read again after wake_deferred was set, because the
 * ticks may stop at the same time: the last tick reads wake_deferred after it has cleared `ticking`. */
static __always_inline void wake_daemon(struct platform_shared *all, uint64_t now_ns) {
        volatile uint32_t *ticking = &all->ticking;
        struct platform_event *event;

        if (*ticking && now_ns - all->woken_ns < WAKE_NS) {
                (void) __sync_val_compare_and_swap(&all->wake_deferred, 0, 1);
                if (*ticking)
                        return;
        }
        if (all->wake_pending && now_ns - all->woken_ns < LOST_NS)
                return;
        event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
        if (!event)
                return;
        all->wake_pending = 1;
        all->wake_deferred = 0;
        all->woken_ns = now_ns;
        event->now_ns = now_ns;
        bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

#endif
