/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_RINGS_BPF_H
#define BPF_PLATFORM_RINGS_BPF_H

/*
 * Reads the sessions' rings and calls the policy that is linked with this part. A session has one reader at a time. The content of
 * a ring is not trusted: a record is copied once and then checked (bpf/ring-rules.h, bpf/session.h), and the true consumer position
 * is stored where clients cannot write. The number of records that one read takes is therefore bounded, even if the client writes
 * during the read.
 *
 * A ring is an array map, which its client maps into memory. A client can request a BPF_MAP_TYPE_USER_RINGBUF instead (see
 * platform-user-rings.bpf.h).
 */

#include "bpf/platform-claims.bpf.h"
#include "bpf/ring-rules.h"
#include "bpf/session.h"

#define STUCK_NS 1000000000ull /* a record that is still incomplete after this time is an error of the client */

/* Generation of these programs, which the daemon sets before loading. Programs of an earlier generation may still run, because
 * clients keep its kick. Every program compares its own generation with platform_shared.generation before it calls the policy. */
const volatile struct { uint32_t generation; } constants SEC(".rodata.constants") = { 0 };

struct ring {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(key_size, sizeof(uint32_t));
        __uint(value_size, 2 * PLATFORM_PAGE + GOVERNORD_RING_SIZE);
};

/* Indexed by the number of the ring and not by slot, because a ring can exist longer than its session. */
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

/* Limits of one read. State that changes with each record is stored in the session, which the reader holds: on the stack, the
 * verifier would track every value from record to record and exceed its limit. */
struct drain {
        uint64_t until_ns; /* no record is taken after this time, which is checked every CLOCK_EVERY records; 0: no limit */
        uint64_t produced;
        uint32_t slot, ring;
};

static __always_inline void take_sample(struct session *session, const struct governord_sample *sample) {
        if (sample->end_ns > session->read_ns) /* the work may have ended after the clock was read */
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

#define CLOCK_EVERY 16 /* number of records between two checks of drain.until_ns */

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

/* Takes at most `max` records, including discarded ones. Returns their number, or a negative errno. */
static __always_inline long drain_array(struct session *session, struct drain *drain, uint32_t max) {
        unsigned char *memory = memory_of(drain->ring);
        uint64_t from = session->consumed;

        if (!memory)
                return -E_STALE;
        drain->produced = produced_of(memory);
        if (!ring_fits(from, drain->produced))
                return -E_INVAL;
        mark(&session->barrier, 0); /* a full barrier: records are read after the producer position */
        session->verdict = RING_TAKE;
        bpf_loop(max, take_step, drain, 0);
        mark(&session->barrier, 0); /* a full barrier: records are read before their space is released */
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

static __always_inline void leave_session(struct session *session) {
        (void) __sync_val_compare_and_swap(&session->busy, 1, 0);
}

/* Acquires the session, so that no other program reads its ring. Returns false if another program holds it, or if the policy of
 * this program is not in use (or is just being replaced). This is checked after the session was acquired: the daemon sets `paused`,
 * and then waits for sessions that are held, before it replaces the policy. */
static __always_inline bool hold_session(const struct platform_shared *all, struct session *session) {
        const volatile struct platform_shared *now = all;

        if (__sync_val_compare_and_swap(&session->busy, 0, 1) != 0)
                return false;
        if (!now->paused && now->generation == constants.generation)
                return true;
        leave_session(session);
        return false;
}

/* Acquires the session with this cookie if its ring is readable. The slot may have been reused for another session while this
 * program was preempted. Cookie and flags are therefore checked while the session is held: its record cannot be replaced during
 * this time. */
static __always_inline long enter_session(const struct platform_shared *all, struct session *session, uint32_t cookie) {
        const volatile struct session *now = session;

        if (!hold_session(all, session))
                return -E_BUSY;
        if (now->cookie == cookie && (now->flags & SESSION_OPEN) && now->error == 0)
                return 0;
        leave_session(session);
        return -E_STALE;
}

/* State of a session before samples were taken. */
struct before {
        uint32_t active;
};

/* Applies the effects of new samples, after the session was released. At most `claims` CPUs are updated at once, the others by
 * ticks. */
static __always_inline void apply_samples(struct session *session, uint32_t slot, uint32_t cookie, const struct before *before,
                                          uint32_t claims) {
        struct platform_shared *all = shared();
        uint64_t *word, bit = 1ull << (slot & 63);

        if (!all)
                return;
        word = &all->active[(slot >> 6) & (PLATFORM_WORDS - 1)];
        if (session->active && !(*word & bit))
                mark(word, bit);
        if (rounded(session->level) != session->applied_level) {
                session->applied_level = rounded(session->level);
                if (claims == 0 || spread_level(slot, 0, claims) > 0)
                        session->apply_pending = 1;
        }
        if (session->active && !before->active) /* its threads may sleep already, so that no thread switch follows */
                claim_on(session->cpu, slot, cookie, bpf_ktime_get_ns() + CLAIM_NS);
}

/* Marks the ring as unreadable, so that the daemon closes the session. Called while the session is held, because the slot may be
 * reused afterwards. */
static __always_inline void report_broken(struct platform_shared *all, struct session *session, uint32_t slot, long error) {
        session->error = (uint32_t) -error;
        mark(&all->suspect[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        wake_daemon(all, bpf_ktime_get_ns());
}

/* Returns true if the ring is empty or not an array. Only for programs that cannot sleep: a sleepable program must hold the
 * session, because the ring could be freed. */
static __always_inline bool is_empty(const struct session *session) {
        const unsigned char *memory = memory_of(session->ring);

        return !memory || produced_of(memory) == *(const volatile uint64_t *) &session->consumed;
}

/* Reads at most `max` records of a session's ring, until the time `until_ns` (0: no limit), and calls the policy for each. Updates
 * at most `claims` CPUs at once. Returns the number of records (0 for rings that are not arrays), or a negative errno:
 *   -ESTALE  the session is closed, or its ring is unreadable
 *   -EBUSY   another program holds the session, or the policy of this program is not in use
 *   others   the content of the ring is invalid; the daemon closes the session */
__noinline int drain_ring(uint32_t slot, uint32_t cookie, uint32_t max, uint32_t claims, uint64_t until_ns) {
        struct drain drain = { .slot = slot, .until_ns = until_ns };
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        struct before before;
        long r;

        if (!session || !all)
                return -E_STALE;
        r = enter_session(all, session, cookie);
        if (r < 0)
                return (int) r;
        if (session->ring_kind != RING_KIND_ARRAY) {
                leave_session(session);
                return 0;
        }
        drain.ring = session->ring;
        session->read_ns = bpf_ktime_get_ns(); /* while the session is held: for a policy, time must not go back */
        before = (struct before){ session->active };
        r = drain_array(session, &drain, max);
        if (r < 0)
                report_broken(all, session, slot, r);
        leave_session(session);
        if (r > 0)
                apply_samples(session, slot, cookie, &before, claims);
        return (int) r;
}

#endif
