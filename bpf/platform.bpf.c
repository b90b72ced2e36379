/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform part of every governor (rung 3). It triggers the reading of the sessions' rings (platform-rings.bpf.h), which calls
 * the policy, updates the demand on the CPUs (platform-claims.bpf.h) and wakes the daemon (platform-shared.bpf.h). There are three
 * triggers: a thread of a process with sessions is switched out; a tick, while any session is active; and the kick. The daemon
 * detaches on_switch() while there are no sessions.
 *
 * Bounds (docs/security.md): on_switch() runs with the run queue locked, so it reads a bounded number of records and updates a
 * bounded number of CPUs. Ticks run in a thread of the daemon, which the scheduler can preempt, and stop when their time is used
 * up. A kick runs in the client's own CPU time.
 */

#include "bpf/platform-user-rings.bpf.h"

#include <bpf/bpf_tracing.h>

/* Budget of one thread switch for all sessions of the process: each session may use half of what the sessions before it have left,
 * but at least the minimum. */
#define SWITCH_RECORDS       64
#define SWITCH_RECORDS_LEAST 4
#define SWITCH_CLAIMS        32
#define SWITCH_CLAIMS_LEAST  2

#define TICK_NS \
        80000ull /* time of one tick for all sessions. It can be exceeded by 16 records and TICK_CLAIMS, or by one visit of all CPUs
                    for a session that is closed or no longer active */
#define TICK_CLAIMS  64 /* maximum number of CPUs that are updated for one session at one tick */
#define KICK_CLAIMS  PLATFORM_CPUS_MAX
#define RING_RECORDS (GOVERNORD_RING_SIZE / sizeof(struct governord_record))
#define CHAIN_MAX    8 /* maximum number of sessions of one process */

struct task_struct {
        int pid, tgid;
} __attribute__((preserve_access_index));

/* Maps a process (tgid) to slot + 1 of its first session. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, PLATFORM_SESSIONS);
        __type(key, uint32_t);
        __type(value, uint32_t);
} processes SEC(".maps");

/* The share of a tick that the sessions of one user have used, by session->user. */
struct share {
        uint64_t round, used_ns;
        uint32_t next; /* slot + 1 of the first session that was skipped because the share was used up; 0 if none */
        /* Slot + 1 of the session at which the user's turn begins, which is `next` of the last tick. Sessions before it have had
         * their turn and are skipped. 0: none is skipped. */
        uint32_t from;
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PLATFORM_SESSIONS);
        __type(key, uint32_t);
        __type(value, struct share);
} shares SEC(".maps");

char platform_license[] SEC("license") = "GPL";

/* -- trigger: a thread is switched out -- */

static __always_inline bool may_have_sessions(const struct platform_shared *all, uint32_t tgid) {
        return (all->maybe[(tgid >> 6) & 1023] >> (tgid & 63)) & 1;
}

static __always_inline uint32_t half_of(uint32_t left, uint32_t least) {
        return left / 2 > least ? left / 2 : least;
}

/* Iteration over the sessions of the process whose thread is switched in or out. */
struct chain {
        uint32_t tgid, tid, cpu, out;
        uint32_t next;            /* slot + 1 of the next session, 0 if none */
        uint32_t records, claims; /* rest of the budget */
        uint32_t taken;           /* number of records taken */
};

/* If the client has named threads, only these add CPUs to the session; but the ring is read when any thread of the process is
 * switched out. */
static long chain_step(uint32_t index, void *context) {
        struct chain *chain = context;
        uint32_t slot = chain->next - 1, cpu = chain->cpu;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        uint32_t cookie = session ? *(const volatile uint32_t *) &session->cookie : 0;
        struct platform_shared *all = shared();
        bool follows;
        int n = 0;

        if (!session || !all || session->tgid != chain->tgid) /* the session is being closed or replaced */
                return 1;
        chain->next = session->next;
        follows = session_follows(session, chain->tid);
        if (follows)
                session->cpu = cpu;
        if (chain->out && !is_empty(session))
                n = drain_ring(slot, cookie, half_of(chain->records, SWITCH_RECORDS_LEAST),
                               half_of(chain->claims, SWITCH_CLAIMS_LEAST), 0);
        if (n > 0) {
                chain->taken += (uint32_t) n;
                chain->records -= (uint32_t) n < chain->records ? (uint32_t) n : chain->records;
                chain->claims /= 2;
        }
        if (!session->active)
                return 0;
        if (follows)
                claim_on(cpu, slot, cookie, chain->out ? bpf_ktime_get_ns() + CLAIM_NS : RUNNING);
        if (!all->ticking)
                wake_daemon(all, bpf_ktime_get_ns());
        return 0;
}

static __always_inline void switched(struct platform_shared *all, uint32_t tgid, uint32_t tid, bool out) {
        uint32_t *first = bpf_map_lookup_elem(&processes, &tgid);
        struct chain chain = { .tgid = tgid,
                               .tid = tid,
                               .cpu = bpf_get_smp_processor_id(),
                               .out = out,
                               .next = first ? *first : 0,
                               .records = SWITCH_RECORDS,
                               .claims = SWITCH_CLAIMS };

        bpf_loop(CHAIN_MAX, chain_step, &chain, 0);
        if (chain.taken > all->most.switch_records)
                all->most.switch_records = chain.taken;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next) {
        struct platform_shared *all = shared();
        uint32_t out = (uint32_t) prev->tgid, in = (uint32_t) next->tgid;

        if (!all)
                return 0;
        if (may_have_sessions(all, out))
                switched(all, out, (uint32_t) prev->pid, true);
        if (may_have_sessions(all, in))
                switched(all, in, (uint32_t) next->pid, false);
        return 0;
}

/* -- trigger: time -- */

/* Applies the session's level to its CPUs, at most TICK_CLAIMS per tick, and removes claims that have ended. */
static __always_inline void tick_claims(struct session *session, uint32_t slot, uint64_t now_ns) {
        if (session->sweep_cpu == 0) {
                if (rounded(session->level) == session->applied_level && !session->apply_pending &&
                    now_ns - session->swept_ns <= SWEEP_NS)
                        return;
                session->applied_level = rounded(session->level);
                session->apply_pending = 0;
                session->swept_ns = now_ns;
        } else if (rounded(session->level) != session->applied_level)
                session->apply_pending = 1; /* CPUs before sweep_cpu have the former level: a later tick starts again */
        session->sweep_cpu = (uint32_t) spread_level(slot, session->sweep_cpu, TICK_CLAIMS);
}

/* Returns the number of records, or -1 if the session is closed or no longer active. */
__noinline int tick_session(uint32_t slot, uint64_t until_ns) {
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        bool ends;
        int n;

        if (!session || !all)
                return -1;
        n = drain_ring(slot, *(const volatile uint32_t *) &session->cookie, RING_RECORDS, 0, until_ns);
        if (n < 0)
                n = 0;
        if (!hold_session(all, session))
                return n;
        session_tick(session, bpf_ktime_get_ns());
        ends = !session->active || !(session->flags & SESSION_OPEN);
        if (ends) /* cleared while the session is held, so that the reader of the next sample sets it again */
                unmark(&all->active[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        leave_session(session);
        if (ends) {
                drop_claims(slot, AS_LONG);
                return -1;
        }
        tick_claims(session, slot, bpf_ktime_get_ns());
        return n;
}

/* Iteration of a tick over the bitmap of active slots. It begins at the cursor, wraps around, and ends with the slots before the
 * cursor in the cursor's word. */
struct tick {
        uint64_t began_ns, now_ns, share_ns, bits;
        uint32_t cursor, words, slot, users;
        uint32_t active, records, sessions;
        uint32_t cut;     /* slot + 1 of the first session that was not reached because the time was used up; 0 if all were */
        uint32_t was_cut; /* `cut` of the last tick */
};

/* State of the running tick; there is only one at a time. It is stored in a map: on the stack, the verifier would track every value
 * from step to step and exceed its limit. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __type(key, uint32_t);
        __type(value, struct tick);
} ticks SEC(".maps");

static __always_inline struct tick *the_tick(void) {
        uint32_t zero = 0;

        return bpf_map_lookup_elem(&ticks, &zero);
}

/* Returns the distance of a slot from the one at which the tick began. */
static __always_inline uint32_t distance(const struct tick *tick, uint32_t slot) {
        return (slot - tick->cursor) & (PLATFORM_SESSIONS - 1);
}

/* Called for the first session of a user in this tick. The sessions of a user are served from the one at which the user's share of
 * the last tick ended. */
static __always_inline void begin_share(struct tick *tick, struct share *share, uint64_t round) {
        share->round = round;
        share->used_ns = 0;
        if (share->next > 0 || !tick->was_cut)
                share->from = share->next;
        share->next = 0;
        tick->users++;
}

/* Returns true if the session is to be served in this tick. */
static __always_inline bool has_turn(const struct tick *tick, struct share *share) {
        if (share->from > 0 && distance(tick, tick->slot) < distance(tick, share->from - 1))
                return false;
        share->from = 0;
        if (share->used_ns < tick->share_ns)
                return true;
        if (share->next == 0)
                share->next = tick->slot + 1;
        return false;
}

static __always_inline void serve(struct tick *tick, struct session *session, struct share *share, uint64_t round) {
        uint64_t began_ns = tick->now_ns, left_ns = TICK_NS - (tick->now_ns - tick->began_ns);
        int n;

        if (share->round != round)
                begin_share(tick, share, round);
        if (!has_turn(tick, share)) {
                tick->active++;
                return;
        }
        if (tick->share_ns - share->used_ns < left_ns)
                left_ns = tick->share_ns - share->used_ns;
        n = tick_session(tick->slot, began_ns + left_ns);
        tick->active += n >= 0;
        tick->records += n > 0 ? (uint32_t) n : 0;
        tick->sessions++;
        tick->now_ns = bpf_ktime_get_ns();
        share->used_ns += tick->now_ns - began_ns;
}

static long tick_step(uint32_t index, void *context) {
        struct platform_shared *all = shared();
        struct tick *tick = the_tick();
        struct session *session;
        uint32_t slot, user;
        struct share *share;

        if (!all || !tick)
                return 1;
        if (tick->bits == 0) {
                uint32_t word = (tick->cursor / 64 + tick->words) & (PLATFORM_WORDS - 1);

                if (tick->words > PLATFORM_WORDS)
                        return 1;
                tick->bits = all->active[word];
                if (tick->words == 0)
                        tick->bits &= ~0ull << (tick->cursor % 64);
                if (tick->words == PLATFORM_WORDS)
                        tick->bits &= ~(~0ull << (tick->cursor % 64));
                tick->slot = word * 64;
                tick->words++;
                return 0;
        }
        slot = (tick->slot & ~63u) + lowest_bit(tick->bits);
        if (tick->now_ns - tick->began_ns >= TICK_NS) {
                tick->active++;
                tick->cut = slot + 1;
                return 1;
        }
        tick->bits &= tick->bits - 1;
        tick->slot = slot;
        session = bpf_map_lookup_elem(&sessions, &slot);
        user = session ? session->user : PLATFORM_SESSIONS;
        share = bpf_map_lookup_elem(&shares, &user);
        if (session && share)
                serve(tick, session, share, all->round);
        return 0;
}

static __always_inline bool any_active(const volatile struct platform_shared *all) {
        uint64_t any = 0;

        for (int i = 0; i < PLATFORM_WORDS; i++)
                any |= all->active[i];
        return any != 0;
}

/* Stops the ticks; the next sample makes the daemon start them again. Returns false if the ticks must continue, because a sample
 * arrived whose reader still saw `ticking` set. */
static __always_inline bool stop_ticking(struct platform_shared *all) {
        (void) __sync_val_compare_and_swap(&all->ticking, 1, 0);
        return !any_active(all) || __sync_val_compare_and_swap(&all->ticking, 0, 1) != 0;
}

static __always_inline void note_tick(struct platform_shared *all, const struct tick *tick) {
        if (tick->cut > 0)
                all->cursor = tick->cut - 1;
        if (tick->cut == 0 || tick->users > all->tick_users) /* a tick that was cut short has not counted all users */
                all->tick_users = tick->users;
        if (tick->records > all->most.tick_records)
                all->most.tick_records = tick->records;
        if (tick->sessions > all->most.tick_sessions)
                all->most.tick_sessions = tick->sessions;
}

/* One tick, run by a thread of the daemon. Serves the active sessions, beginning with the first one that the last tick did not
 * reach, and limits the sessions of each user to an equal share of the time. Returns 1 if another tick is needed, 0 if no session
 * is active. */
SEC("syscall")
int tick(void *context) {
        struct platform_shared *all = shared();
        struct tick *tick = the_tick();
        bool goes_on;

        if (!all || !tick)
                return 0;
        (void) __sync_val_compare_and_swap(&all->ticking, 0, 1);
        all->round++;
        *tick = (struct tick){ .cursor = all->cursor & (PLATFORM_SESSIONS - 1), .was_cut = tick->cut };
        tick->began_ns = tick->now_ns = bpf_ktime_get_ns();
        tick->share_ns = TICK_NS / (all->tick_users > 0 ? all->tick_users : 1);
        bpf_loop(PLATFORM_SESSIONS + PLATFORM_WORDS + 2, tick_step, NULL, 0);
        note_tick(all, tick);
        goes_on = tick->active > 0 || !stop_ticking(all);
        if (((const volatile struct platform_shared *) all)->wake_deferred)
                wake_daemon(all, bpf_ktime_get_ns());
        return goes_on;
}

/* -- programs that the daemon runs -- */

/* Drops all claims of a session that was closed, or whose threads were changed. */
SEC("syscall")
int forget(struct governord_kick *context) {
        return drop_claims(context->slot, GONE);
}

/* Processes samples that came over D-Bus. Returns 0, -ESTALE or -EBUSY. */
SEC("syscall")
int feed(struct platform_feed *context) {
        uint32_t slot = context->slot, n = context->n;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct governord_sample sample = { .kind = GOVERNORD_RECORD_LATENCY };
        struct platform_shared *all = shared();
        uint32_t cookie = session ? session->cookie : 0;
        struct before before;
        long r;

        if (!session || !all)
                return -E_STALE;
        r = enter_session(all, session, cookie);
        if (r < 0)
                return (int) r;
        before = (struct before){ session->active };
        for (uint32_t i = 0; i < PLATFORM_FEED_MAX && i < n; i++) {
                sample.latency_us = all->feed[i];
                session_take(session, &sample, bpf_ktime_get_ns());
        }
        leave_session(session);
        apply_samples(session, slot, cookie, &before, KICK_CLAIMS);
        return 0;
}

/* -- trigger: a kick of the application -- */

/* Called if this program belongs to a replaced governor: the ticks of the new governor then read the ring, which is an array, since
 * other sessions were closed. */
static __always_inline int hand_over(struct platform_shared *all, uint32_t slot) {
        mark(&all->active[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        if (!all->ticking)
                wake_daemon(all, bpf_ktime_get_ns());
        return 0;
}

/* Run by the client. include/governord/ring.h documents the errors. */
SEC("syscall")
int kick(struct governord_kick *context) {
        uint32_t slot = context->slot, cookie = context->cookie;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        uint64_t caller = bpf_get_current_pid_tgid();
        int r;

        if (!session || !all || session->cookie != cookie || !(session->flags & SESSION_OPEN))
                return -E_STALE;
        if (session->tgid != caller >> 32)
                return -E_PERM;
        if (all->generation != constants.generation)
                return hand_over(all, slot);
        r = session->ring_kind == RING_KIND_ARRAY ? drain_ring(slot, cookie, RING_RECORDS, KICK_CLAIMS, 0) :
                                                    drain_user_ring(slot, cookie, RING_RECORDS, KICK_CLAIMS);
        if (r < 0)
                return r;
        if ((uint32_t) r > all->most.kick_records)
                all->most.kick_records = (uint32_t) r;
        if (!session->active)
                return 0;
        if (session_follows(session, (uint32_t) caller))
                claim_on(bpf_get_smp_processor_id(), slot, cookie, RUNNING);
        if (!all->ticking)
                wake_daemon(all, bpf_ktime_get_ns());
        return 0;
}
