/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform part of every governor (rung 3). It determines when the sessions' rings are read (platform-rings.bpf.h): then the
 * policy decides, the CPUs get their hints (platform-claims.bpf.h) and the daemon is woken (platform-shared.bpf.h). There are three
 * triggers: a session's thread is switched out, a tick while samples arrive, and the kick. Without sessions only the two lookups in
 * on_switch() run, and the daemon detaches even that program.
 *
 * Cost and its bounds (docs/security.md): on_switch() runs with the run queue locked, so it reads a bounded number of records and
 * updates a bounded number of CPUs. Ticks run in a thread of the daemon, not in an interrupt: the scheduler weighs them against
 * other work, and they end when their time is used up. The kick runs in its client's own CPU time.
 */

#include "bpf/platform-user-rings.bpf.h"

#include <bpf/bpf_tracing.h>

/* Budget of one switch, for all sessions of a process together: the first session gets half, the next one half of the rest, and so
 * on, but not less than the minimum. */
#define SWITCH_RECORDS       64
#define SWITCH_RECORDS_LEAST 4
#define SWITCH_CLAIMS        32
#define SWITCH_CLAIMS_LEAST  2

#define TICK_NS \
        80000ull /* for all sessions together. Work that has begun is finished: at most 16 records and TICK_CLAIMS more, or a visit
                    of each CPU for a session that ended */
#define TICK_CLAIMS  64 /* CPUs that one session updates at one tick */
#define KICK_CLAIMS  PLATFORM_CPUS_MAX
#define RING_RECORDS (GOVERNORD_RING_SIZE / sizeof(struct governord_record))
#define CHAIN_MAX    8 /* sessions of one process */

struct task_struct {
        int pid, tgid;
} __attribute__((preserve_access_index));

/* Process -> slot + 1 of its first session. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, PLATFORM_SESSIONS);
        __type(key, uint32_t);
        __type(value, uint32_t);
} processes SEC(".maps");

/* The share of a tick that the sessions of one user have used, by session->user. */
struct share {
        uint64_t round, used_ns;
        uint32_t next; /* slot + 1 of the first session that got no turn because the share was used up; 0 none */
        uint32_t from; /* likewise, of the tick before: sessions that had their turn are skipped up to there */
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
        uint32_t next;            /* slot + 1 */
        uint32_t records, claims; /* that are left */
        uint32_t taken;           /* records */
};

/* A thread that the client did not name adds no CPU to the session, but its reports are read. */
static long chain_step(uint32_t index, void *context) {
        struct chain *chain = context;
        uint32_t slot = chain->next - 1, cpu = chain->cpu;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        uint32_t cookie = session ? *(const volatile uint32_t *) &session->cookie : 0;
        struct platform_shared *all = shared();
        bool follows;
        int n = 0;

        if (!session || !all || session->tgid != chain->tgid) /* it is being closed or replaced at this moment */
                return 1;
        chain->next = session->next;
        follows = session_follows(session, chain->tid);
        if (follows)
                session->cpu = cpu; /* of the thread that was switched last, on any CPU */
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

/* Applies the session's level on its CPUs, TICK_CLAIMS of them at a time, and removes claims that have ended. */
static __always_inline void tick_claims(struct session *session, uint32_t slot, uint64_t now_ns) {
        if (session->sweep_cpu == 0) {
                if (rounded(session->level) == session->told && !session->untold && now_ns - session->swept_ns <= SWEEP_NS)
                        return;
                session->told = rounded(session->level);
                session->untold = 0;
                session->swept_ns = now_ns;
        } else if (rounded(session->level) != session->told)
                session->untold = 1; /* the CPUs before sweep_cpu have the former level: start again from the first */
        session->sweep_cpu = (uint32_t) spread_level(slot, session->sweep_cpu, TICK_CLAIMS);
}

/* Returns the number of records, or -1 when the session is not active any more. */
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
        if (ends) /* while the session is held: the reader of the next sample finds the bit cleared, and sets it */
                unmark(&all->active[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        leave_session(session);
        if (ends) {
                drop_claims(slot, AS_LONG);
                return -1;
        }
        tick_claims(session, slot, bpf_ktime_get_ns());
        return n;
}

/* Iteration of a tick over the slots: all words of the bitmap, from the cursor's word on; the slots of that word before the cursor
 * come last. */
struct tick {
        uint64_t began_ns, now_ns, share_ns, bits;
        uint32_t cursor, words, slot, users;
        uint32_t active, records, sessions;
        uint32_t cut;     /* slot + 1 of the first session that was not reached because the time was used up; 0 all were reached */
        uint32_t was_cut; /* `cut` of the tick before */
};

/* The state of the tick (one runs at a time). In a map and not on the stack: the verifier would track every value there from one
 * step to the next and exceed its limit. */
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

/* Distance of a slot from the one where the tick began. */
static __always_inline uint32_t distance(const struct tick *tick, uint32_t slot) {
        return (slot - tick->cursor) & (PLATFORM_SESSIONS - 1);
}

/* Called for the first of a user's sessions in this tick. The user's turn continues where the share of the last tick ended, unless
 * that session is gone. */
static __always_inline void begin_share(struct tick *tick, struct share *share, uint64_t round) {
        share->round = round;
        share->used_ns = 0;
        if (share->next > 0 || !tick->was_cut)
                share->from = share->next;
        share->next = 0;
        tick->users++;
}

/* True if it is this session's turn. */
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

/* Stops the ticks; the next sample makes the daemon start them again. Returns false if a sample arrived meanwhile whose reader
 * still saw the ticks running. */
static __always_inline bool stop_ticking(struct platform_shared *all) {
        (void) __sync_val_compare_and_swap(&all->ticking, 1, 0);
        return !any_active(all) || __sync_val_compare_and_swap(&all->ticking, 0, 1) != 0;
}

static __always_inline void note_tick(struct platform_shared *all, const struct tick *tick) {
        if (tick->cut > 0)
                all->cursor = tick->cut - 1;
        if (tick->cut == 0 || tick->users > all->tick_users) /* users that were not reached still count */
                all->tick_users = tick->users;
        if (tick->records > all->most.tick_records)
                all->most.tick_records = tick->records;
        if (tick->sessions > all->most.tick_sessions)
                all->most.tick_sessions = tick->sessions;
}

/* One tick, run by a thread of the daemon. It serves the sessions in turn, from the first one that the last tick did not reach, and
 * those of each user for no longer than that user's share of the time. Returns 1 if there must be another tick, 0 if no session is
 * active. */
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
        if (((const volatile struct platform_shared *) all)->late)
                wake_daemon(all, bpf_ktime_get_ns());
        return goes_on;
}

/* -- what the daemon runs -- */

/* The session is closed, or other threads count from now on: all its claims are dropped. */
SEC("syscall")
int forget(struct governord_kick *context) {
        return drop_claims(context->slot, GONE);
}

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

/* -- trigger: the application itself -- */

/* The governor was replaced: the ticks of the new one read the ring. */
static __always_inline int hand_over(struct platform_shared *all, uint32_t slot) {
        mark(&all->active[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        if (!all->ticking)
                wake_daemon(all, bpf_ktime_get_ns());
        return 0;
}

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
