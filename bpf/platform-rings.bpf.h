/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_RINGS_BPF_H
#define BPF_PLATFORM_RINGS_BPF_H

/*
 * Reads the sessions' rings and asks the policy that this is linked with, one reader for a session at a time. Nothing that lies in a ring is
 * believed: a record is copied once and then judged (bpf/ring-rules.h, bpf/session.h), and the true consumer position lies where no client can
 * write. So a read takes as many records as its caller allows and no more, whatever other threads of the client write meanwhile.
 *
 * A ring is an array map that its client maps. A client may ask for a BPF_MAP_TYPE_USER_RINGBUF instead; platform-user-rings.bpf.h says why that one
 * is read in its client's own context only.
 */

#include "bpf/platform-claims.bpf.h"
#include "bpf/ring-rules.h"
#include "bpf/session.h"

#define STUCK_NS 1000000000ull /* a record that is being written for longer was never finished */

/* Which load this is, set before it: a former one's programs may still be about to run, and clients keep its kick. */
const volatile struct { uint32_t generation; } constants SEC(".rodata.constants") = { 0 };

struct ring {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(key_size, sizeof(uint32_t));
        __uint(value_size, 2 * PLATFORM_PAGE + GOVERNORD_RING_SIZE);
};

/* By number of ring, not of slot: rings outlive sessions. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
        __uint(max_entries, PLATFORM_RINGS);
        __type(key, uint32_t);
        __array(values, struct ring);
} rings SEC(".maps");

uint32_t governor_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                         const struct policy_limits *limits);

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return governor_decide(state, input, target, limits);
}

static __always_inline unsigned char *memory_of(uint32_t number) {
        uint32_t zero = 0;
        void *ring = bpf_map_lookup_elem(&rings, &number);

        return ring ? bpf_map_lookup_elem(ring, &zero) : NULL;
}

static __always_inline uint64_t produced_of(const unsigned char *memory) {
        return *(const volatile uint64_t *) (memory + PLATFORM_PAGE);
}

/* What a read may do. All that changes meanwhile is in the session, which the reader holds: the verifier follows numbers on the stack from one record
 * to the next, and there are too many. */
struct drain {
        uint64_t until_ns; /* no more is taken afterwards; 0: whatever the time */
        uint64_t produced;
        uint32_t slot, ring;
};

static __always_inline void take_sample(struct session *session, const struct governord_sample *sample) {
        if (sample->end_ns > session->read_ns) /* written since the clock was read? */
                session->read_ns = bpf_ktime_get_ns();
        session_take(session, sample, session->read_ns);
}

static __always_inline void copy_record(const unsigned char *memory, uint64_t position, struct governord_record *ret) {
        uint32_t at = position & (GOVERNORD_RING_SIZE - sizeof(struct governord_record));
        const volatile uint64_t *from = (const volatile uint64_t *) (memory + 2 * PLATFORM_PAGE + at);
        uint64_t *to = (uint64_t *) ret;

        for (uint32_t i = 0; i < sizeof(*ret) / sizeof(*to); i++)
                to[i] = from[i];
}

#define CLOCK_EVERY 16 /* records between two looks at the clock */

static long take_step(uint32_t index, void *context) {
        const struct drain *drain = context;
        uint32_t slot = drain->slot;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        const unsigned char *memory = memory_of(drain->ring);
        struct governord_record record;
        uint32_t verdict;

        if (!session || !memory || session->consumed == drain->produced)
                return 1;
        if (index % CLOCK_EVERY == CLOCK_EVERY - 1 && drain->until_ns > 0 && bpf_ktime_get_ns() > drain->until_ns)
                return 1;
        copy_record(memory, session->consumed, &record);
        verdict = ring_judge(record.length);
        session->verdict = verdict;
        if (verdict == RING_WAIT || verdict == RING_BAD)
                return 1;
        session->consumed += sizeof(record);
        if (verdict == RING_TAKE)
                take_sample(session, &record.sample);
        else
                session->invalid++;
        return 0;
}

/* Takes at most `max` records. Their number, or -errno. */
static __always_inline long drain_array(struct session *session, struct drain *drain, uint32_t max) {
        unsigned char *memory = memory_of(drain->ring);
        uint64_t from = session->consumed;

        if (!memory)
                return -E_STALE;
        drain->produced = produced_of(memory);
        if (!ring_fits(from, drain->produced))
                return -E_INVAL;
        mark(&session->looks, 0); /* records are read after the position that says that they are there */
        session->verdict = RING_TAKE;
        bpf_loop(max, take_step, drain, 0);
        mark(&session->looks, 0); /* ... and before their room is given back */
        *(volatile uint64_t *) memory = session->consumed;
        if (session->verdict == RING_BAD)
                return -E_BADMSG;
        if (session->verdict != RING_WAIT)
                session->stuck_ns = 0;
        else if (session->consumed != from || session->stuck_ns == 0)
                session->stuck_ns = session->read_ns;
        else if (session->read_ns - session->stuck_ns > STUCK_NS)
                return -E_TIMEDOUT;
        return (session->consumed - from) / sizeof(struct governord_record);
}

static __always_inline void leave(struct session *session) {
        (void) __sync_val_compare_and_swap(&session->busy, 1, 0);
}

/* No other program reads its ring, and the policy is this load's: asked when the session is held, since it may be replaced at any moment before. */
static __always_inline bool hold(const struct platform_shared *all, struct session *session) {
        const volatile struct platform_shared *now = all;

        if (__sync_val_compare_and_swap(&session->busy, 0, 1) != 0)
                return false;
        if (!now->paused && now->generation == constants.generation)
                return true;
        leave(session);
        return false;
}

/* Holds the session with this cookie, if its ring can be read. A program may lose its CPU before it gets here, and the slot may have been given to another
 * session meanwhile, whose record cannot be written while it is held. So nothing that was read of it before counts. */
static __always_inline long enter(const struct platform_shared *all, struct session *session, uint32_t cookie) {
        const volatile struct session *now = session;

        if (!hold(all, session))
                return -E_BUSY;
        if (now->cookie == cookie && (now->flags & SESSION_OPEN) && now->error == 0)
                return 0;
        leave(session);
        return -E_STALE;
}

/* A session as it was before samples were taken. */
struct before {
        uint32_t active;
};

/* What follows from new samples, when the session is not busy any more: at most `claims` CPUs are told at once, the next ticks tell the rest. */
static __always_inline void follow(struct session *session, uint32_t slot, uint32_t cookie, const struct before *before,
                                   uint32_t claims) {
        struct platform_shared *all = shared();
        uint64_t *word, bit = 1ull << (slot & 63);

        if (!all)
                return;
        word = &all->active[(slot >> 6) & (PLATFORM_WORDS - 1)];
        if (session->active && !(*word & bit))
                mark(word, bit);
        if (rounded(session->level) != session->told) {
                session->told = rounded(session->level);
                if (claims == 0 || spread_level(slot, 0, claims) > 0)
                        session->untold = 1;
        }
        if (session->active && !before->active) /* its threads may be asleep already */
                claim_on(session->cpu, slot, cookie, bpf_ktime_get_ns() + CLAIM_NS);
}

/* The ring cannot be read any more: the daemon closes the session. Called while it is held: afterwards the slot may be another session's. */
static __always_inline void spoil(struct platform_shared *all, struct session *session, uint32_t slot, long error) {
        session->error = (uint32_t) -error;
        mark(&all->suspect[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        tell(all, bpf_ktime_get_ns());
}

/* Is there nothing to read? For programs that cannot sleep: others have to hold the session first, or its ring may be freed meanwhile. */
static __always_inline bool is_empty(const struct session *session) {
        const unsigned char *memory = memory_of(session->ring);

        return !memory || produced_of(memory) == *(const volatile uint64_t *) &session->consumed;
}

/* Reads at most `max` records of a session's ring, not after `until_ns` (0: no limit), and asks the policy. Returns their number, or -errno: -ESTALE there
 * is no such session any more, -EBUSY another program reads its ring. */
__noinline int drain_ring(uint32_t slot, uint32_t cookie, uint32_t max, uint32_t claims, uint64_t until_ns) {
        struct drain drain = { .slot = slot, .until_ns = until_ns };
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        struct before before;
        long r;

        if (!session || !all)
                return -E_STALE;
        r = enter(all, session, cookie);
        if (r < 0)
                return (int) r;
        if (session->ring_kind != RING_KIND_ARRAY) {
                leave(session);
                return 0;
        }
        drain.ring = session->ring;
        session->read_ns = bpf_ktime_get_ns(); /* not before it is held: time never goes back for a policy */
        before = (struct before){ session->active };
        r = drain_array(session, &drain, max);
        if (r < 0)
                spoil(all, session, slot, r);
        leave(session);
        if (r > 0)
                follow(session, slot, cookie, &before, claims);
        return (int) r;
}

#endif
