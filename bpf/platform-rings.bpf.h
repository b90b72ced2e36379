/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_RINGS_BPF_H
#define BPF_PLATFORM_RINGS_BPF_H

/* Reads the sessions' rings and asks the policy that this is linked with, one reader for a session at a time. It refuses to believe anything that lies in a ring: a
 * sample is copied once and then checked (bpf/session.h), and positions before they are followed. */

#include <linux/types.h> /* first: libbpf's headers take __u64 for granted */

#include <bpf/bpf_core_read.h>

#include "bpf/platform-claims.bpf.h"
#include "bpf/session.h"

#define EMPTY_MANY 1024 /* this many reads found nothing: has the application stopped in the middle of a record? */
#define FULL_MANY  16   /* this many took all they may: is there an end to it? */

/* A ring as the kernel has it (kernel/bpf/ringbuf.c). */
struct bpf_ringbuf {
        unsigned long consumer_pos, producer_pos;
} __attribute__((preserve_access_index));

struct bpf_ringbuf_map {
        struct bpf_ringbuf *rb;
} __attribute__((preserve_access_index));

struct ring {
        __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
        __uint(max_entries, GOVERNORD_RING_SIZE);
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
        __uint(max_entries, PLATFORM_SESSIONS);
        __type(key, uint32_t);
        __array(values, struct ring);
} rings SEC(".maps");

uint32_t governor_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                         const struct policy_limits *limits);

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return governor_decide(state, input, target, limits);
}

struct drain {
        uint64_t now_ns;
        uint32_t slot, n, max;
};

static long on_record(struct bpf_dynptr *record, void *context) {
        struct drain *drain = context;
        uint32_t slot = drain->slot;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct governord_sample sample;

        if (!session)
                return 1;
        if (bpf_dynptr_read(&sample, sizeof(sample), record, 0, 0) == 0) {
                if (sample.end_ns > drain->now_ns) /* written since the clock was read? */
                        drain->now_ns = bpf_ktime_get_ns();
                session_take(session, &sample, drain->now_ns);
        } else
                session->invalid++;
        drain->n++;
        return drain->n >= drain->max;
}

static __always_inline void leave(struct session *session) {
        (void) __sync_val_compare_and_swap(&session->busy, 1, 0);
}

/* Which load this is, set before it. A former one's programs may still be about to run, and clients keep its kick. */
const volatile uint32_t generation SEC(".rodata.generation");

/* Nobody else reads its ring, and the policy is this load's: asked when the session is held, since it may be replaced at any moment before. */
static __always_inline bool enter(const struct platform_shared *all, struct session *session) {
        const volatile struct platform_shared *now = all;

        if (__sync_val_compare_and_swap(&session->busy, 0, 1) != 0)
                return false;
        if (!now->paused && now->generation == generation)
                return true;
        leave(session);
        return false;
}

/* A session as it was before samples were taken. */
struct before {
        uint32_t level, active;
};

/* What follows from new samples, when the session is not busy any more. */
static __always_inline void follow(struct session *session, uint32_t slot, const struct before *before) {
        struct platform_shared *all = shared();
        uint64_t *word, bit = 1ull << (slot & 63);

        if (!all)
                return;
        word = &all->active[(slot >> 6) & (PLATFORM_WORDS - 1)];
        if (session->active && !(*word & bit))
                mark(word, bit);
        if (rounded(session->level) != rounded(before->level))
                spread_level(slot);
        if (session->active && !before->active) /* its threads may be asleep already */
                claim_on(session->cpu, slot, bpf_ktime_get_ns() + CLAIM_NS);
}

/* The daemon shall look at this ring. */
static __always_inline void suspect(struct platform_shared *all, uint32_t slot, uint64_t now_ns) {
        mark(&all->suspect[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        tell(all, now_ns);
}

/* At powers of two from `many` on: not each time. */
static __always_inline bool is_due(uint32_t n, uint32_t many) {
        return n >= many && (n & (n - 1)) == 0;
}

static __always_inline struct bpf_ringbuf *memory_of(void *ring) {
        unsigned long address = 0;

        bpf_probe_read_kernel(&address, sizeof(address), &ring); /* a number: the verifier counts with no pointer to a map */
        return BPF_CORE_READ((struct bpf_ringbuf_map *) address, rb);
}

/* The kernel's drain asks on_record() about records only: it steps over discarded ones, as many as there seem to be, up to 131072 at a
 * time, whatever the ring's size is. So more than fits is not read at all, and one that had anything but our records is not read again. */
static __always_inline long drain_checked(void *ring, struct drain *drain) {
        struct bpf_ringbuf *memory = memory_of(ring);
        uint64_t from = BPF_CORE_READ(memory, consumer_pos);
        long r;

        if (BPF_CORE_READ(memory, producer_pos) - from > GOVERNORD_RING_SIZE)
                return -E_INVAL;
        r = bpf_user_ringbuf_drain(ring, on_record, drain, 0);
        if (r >= 0 && BPF_CORE_READ(memory, consumer_pos) - from != drain->n * sizeof(struct governord_record))
                return -E_BADMSG;
        return r;
}

/* Reads a session's ring and asks the policy. Returns the number of samples, or -errno. */
__noinline int drain_ring(uint32_t slot, uint32_t max) {
        struct drain drain = { .slot = slot, .max = max };
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        struct before before;
        void *ring;
        long r;

        if (!session || !all || !(session->flags & SESSION_OPEN) || session->error)
                return -E_STALE;
        ring = bpf_map_lookup_elem(&rings, &slot);
        if (!ring)
                return -E_STALE;
        if (!enter(all, session))
                return -E_BUSY;
        drain.now_ns = bpf_ktime_get_ns(); /* not before it is held: time never goes back for a policy */
        before = (struct before) { session->level, session->active };
        r = drain_checked(ring, &drain);
        leave(session);
        if (drain.n > 0) {
                session->empty = 0;
                follow(session, slot, &before);
        } else
                session->empty++;
        session->full = drain.n >= max ? session->full + 1 : 0;
        if (r >= 0 || r == -E_NODATA || r == -E_BUSY) {
                if (is_due(session->empty, EMPTY_MANY) || is_due(session->full, FULL_MANY))
                        suspect(all, slot, drain.now_ns);
                return (int) drain.n;
        }
        session->error = (uint32_t) -r;
        suspect(all, slot, drain.now_ns);
        return (int) r;
}

#endif
