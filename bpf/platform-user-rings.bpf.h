/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_USER_RINGS_BPF_H
#define BPF_PLATFORM_USER_RINGS_BPF_H

/*
 * Rings of the type BPF_MAP_TYPE_USER_RINGBUF, for clients that request one. bpf_user_ringbuf_drain() reads the producer position
 * again for each record, and skips up to 131072 discarded records without a callback, whatever the size of the ring. The client can
 * thus make one call take milliseconds (docs/security.md). So these rings are read only by the kick, in the client's own CPU time,
 * and never at a thread switch or tick.
 */

#include <linux/types.h> /* first: libbpf's headers use its type __u64 without including it */

#include <bpf/bpf_core_read.h>

#include "bpf/platform-rings.bpf.h"

/* Parts of structures of the kernel (kernel/bpf/ringbuf.c, include/linux/bpf.h), relocated by CO-RE. */
struct bpf_ringbuf {
        unsigned long consumer_pos, producer_pos;
} __attribute__((preserve_access_index));

struct bpf_ringbuf_map {
        struct bpf_ringbuf *rb;
} __attribute__((preserve_access_index));

struct counter {
        long long counter;
};

struct bpf_map {
        struct counter refcnt;
} __attribute__((preserve_access_index));

struct user_ring {
        __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
        __uint(max_entries, GOVERNORD_RING_SIZE);
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
        __uint(max_entries, PLATFORM_RINGS);
        __type(key, uint32_t);
        __array(values, struct user_ring);
} user_rings SEC(".maps");

struct user_drain {
        uint32_t slot, n, max;
};

static long on_record(struct bpf_dynptr *record, void *context) {
        struct user_drain *drain = context;
        uint32_t slot = drain->slot;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct governord_sample sample;

        if (!session)
                return 1;
        if (bpf_dynptr_read(&sample, sizeof(sample), record, 0, 0) == 0)
                take_sample(session, &sample);
        else
                session->invalid++;
        drain->n++;
        return drain->n >= drain->max;
}

static __always_inline unsigned long address_of(void *map) {
        unsigned long address = 0;

        bpf_probe_read_kernel(&address, sizeof(address), &map); /* the verifier allows no arithmetic on map pointers */
        return address;
}

/* Returns an error, after which the ring is not read again, if the ring has discarded records, records of a wrong length or invalid
 * positions. */
static __always_inline long drain_checked(void *ring, struct user_drain *drain) {
        struct bpf_ringbuf *memory = BPF_CORE_READ((struct bpf_ringbuf_map *) address_of(ring), rb);
        uint64_t from = BPF_CORE_READ(memory, consumer_pos);
        long r;

        if (BPF_CORE_READ(memory, producer_pos) - from > GOVERNORD_RING_SIZE)
                return -E_INVAL;
        r = bpf_user_ringbuf_drain(ring, on_record, drain, 0);
        if (r >= 0 && BPF_CORE_READ(memory, consumer_pos) - from != drain->n * sizeof(struct governord_record))
                return -E_BADMSG;
        return r == -E_NODATA || r == -E_BUSY ? 0 : r;
}

/* Like drain_ring(), but called in the context of the session's client. */
__noinline int drain_user_ring(uint32_t slot, uint32_t cookie, uint32_t max, uint32_t claims) {
        struct user_drain drain = { .slot = slot, .max = max };
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        struct before before;
        uint32_t number;
        void *ring;
        long r;

        if (!session || !all)
                return -E_STALE;
        r = enter_session(all, session, cookie);
        if (r < 0)
                return (int) r;
        number = session->ring;
        ring = bpf_map_lookup_elem(&user_rings, &number);
        session->read_ns = bpf_ktime_get_ns();
        before = (struct before){ session->active };
        r = ring ? drain_checked(ring, &drain) : -E_STALE;
        if (r < 0)
                report_broken(all, session, slot, r);
        leave_session(session);
        if (drain.n > 0)
                apply_samples(session, slot, cookie, &before, claims);
        return r < 0 ? (int) r : (int) drain.n;
}

/* Returns the number of references to a ring, including that of `rings` or `user_rings`; 0 if there is no such ring. */
SEC("syscall")
int holders(struct platform_ring *context) {
        uint32_t number = context->ring;
        void *map = context->kind == RING_KIND_ARRAY ? bpf_map_lookup_elem(&rings, &number) :
                                                       bpf_map_lookup_elem(&user_rings, &number);
        struct bpf_map *ring;

        if (!map)
                return 0;
        ring = (struct bpf_map *) address_of(map);
        return (int) BPF_CORE_READ(ring, refcnt.counter);
}

#endif
