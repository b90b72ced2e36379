/* SPDX-License-Identifier: GPL-2.0-only */
/* The platform part of every governor (rung 3): when the sessions' rings are read (platform-rings.bpf.h), so that the policy decides, the CPUs
 * get their hints (platform-claims.bpf.h) and the daemon is told (platform-shared.bpf.h). Three triggers: a session's thread is
 * switched out, a timer while samples come, and the kick. Without sessions only the two lookups in on_switch() run, and the daemon detaches
 * even those.
 *
 * In on_switch() the run queue is locked: no timer may be armed there (it could wake a thread), and only few samples are read. */

#include "bpf/platform-rings.bpf.h"

#include <bpf/bpf_tracing.h>

#define TICK_BUDGET 512 /* samples of all sessions together at a tick: some 50 us. Beyond it, TICK_LEAST of each session */
#define TICK_LEAST  8
#define SWITCH_MAX  32  /* samples read while the run queue is locked: some microseconds */
#define DRAIN_MAX   512 /* ... else: a whole ring */
#define CHAIN_MAX   8   /* sessions of one process */
#define CLOCK_MONOTONIC 1

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

struct ticker {
        struct bpf_timer timer;
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __type(key, uint32_t);
        __type(value, struct ticker);
} tickers SEC(".maps");

char platform_license[] SEC("license") = "GPL";

/* -- trigger: a thread is switched out -- */

static __always_inline bool may_have_sessions(const struct platform_shared *all, uint32_t tgid) {
        return (all->maybe[(tgid >> 6) & 1023] >> (tgid & 63)) & 1;
}

/* A thread that the client did not name brings no CPU to the session; but what it reported is read. */
static __always_inline void switched(struct platform_shared *all, uint32_t tgid, uint32_t tid, bool out) {
        uint32_t *first = bpf_map_lookup_elem(&processes, &tgid), next = first ? *first : 0, cpu = bpf_get_smp_processor_id();

        for (int i = 0; i < CHAIN_MAX && next > 0; i++) {
                uint32_t slot = next - 1;
                struct session *session = bpf_map_lookup_elem(&sessions, &slot);
                bool follows;

                if (!session || session->tgid != tgid) /* the chain changes this moment */
                        return;
                next = session->next;
                follows = session_follows(session, tid);
                if (follows)
                        session->cpu = cpu; /* of the thread that came or went last, on whatever CPU */
                if (out)
                        drain_ring(slot, SWITCH_MAX);
                if (!session->active)
                        continue;
                if (follows)
                        claim_on(cpu, slot, out ? bpf_ktime_get_ns() + CLAIM_NS : RUNNING);
                if (!all->ticking)
                        tell(all, bpf_ktime_get_ns());
        }
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

/* Reads `max` samples at most. Returns their number + 1 while the session is active, else 0. */
__noinline int tick_session(uint32_t slot, uint32_t max) {
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        uint32_t before;
        bool ends;
        int n;

        if (!session || !all)
                return 0;
        n = drain_ring(slot, max);
        n = n < 0 ? 0 : n > DRAIN_MAX ? DRAIN_MAX : n;
        if (!enter(all, session))
                return n + 1;
        before = session->level;
        session_tick(session, bpf_ktime_get_ns());
        ends = !session->active || !(session->flags & SESSION_OPEN);
        if (ends) /* while it is held: who takes the next sample finds the bit cleared, and sets it */
                unmark(&all->active[(slot >> 6) & (PLATFORM_WORDS - 1)], 1ull << (slot & 63));
        leave(session);
        if (ends) {
                drop_claims(slot, AS_LONG);
                return 0;
        }
        if (rounded(session->level) != rounded(before) || bpf_ktime_get_ns() - session->swept_ns > SWEEP_NS)
                spread_level(slot);
        return n + 1;
}

struct round {
        uint32_t word, any, budget;
        uint64_t bits;
};

static long tick_step(uint32_t index, void *context) {
        struct round *round = context;
        struct platform_shared *all = shared();
        uint64_t bits = round->bits;
        uint32_t n;

        if (bits) {
                round->bits = bits & (bits - 1);
                n = (uint32_t) tick_session((round->word - 1) * 64 + lowest_bit(bits), round->budget + TICK_LEAST);
                round->any += n;
                round->budget -= n < round->budget ? n : round->budget;
                return 0;
        }
        if (!all || round->word >= PLATFORM_WORDS)
                return 1;
        round->bits = all->active[round->word & (PLATFORM_WORDS - 1)];
        round->word++;
        return 0;
}

static __always_inline bool any_active(const volatile struct platform_shared *all) {
        uint64_t any = 0;

        for (int i = 0; i < PLATFORM_WORDS; i++)
                any |= all->active[i];
        return any != 0;
}

/* Stops ticking; the next sample has the daemon start it again. False: one came meanwhile, whose taker still saw it tick. */
static __always_inline bool stop_ticking(struct platform_shared *all) {
        (void) __sync_val_compare_and_swap(&all->ticking, 1, 0);
        return !any_active(all) || __sync_val_compare_and_swap(&all->ticking, 0, 1) != 0;
}

static int on_tick(void *map, uint32_t *key, struct ticker *ticker) {
        struct platform_shared *all = shared();
        struct round round = { .budget = TICK_BUDGET };
        bool goes_on;

        if (!all)
                return 0;
        bpf_loop(PLATFORM_SESSIONS + PLATFORM_WORDS + 1, tick_step, &round, 0);
        goes_on = round.any > 0 || !stop_ticking(all);
        if (((const volatile struct platform_shared *) all)->late)
                tell(all, bpf_ktime_get_ns());
        if (goes_on)
                bpf_timer_start(&ticker->timer, all->tick_ns, 0);
        return 0;
}

/* `again`: with this program's callback, whoever's runs now. */
static __always_inline int start_ticking(struct platform_shared *all, bool again) {
        uint32_t zero = 0;
        struct ticker *ticker = bpf_map_lookup_elem(&tickers, &zero);

        if (!ticker)
                return -E_INVAL;
        if (__sync_val_compare_and_swap(&all->ticking, 0, 1) != 0 && !again)
                return 0;
        bpf_timer_init(&ticker->timer, &tickers, CLOCK_MONOTONIC); /* a second time is refused, as it should be */
        bpf_timer_set_callback(&ticker->timer, on_tick);
        return (int) bpf_timer_start(&ticker->timer, all->tick_ns, 0);
}

/* -- what the daemon runs -- */

SEC("syscall")
int start_tick(void *context) {
        struct platform_shared *all = shared();

        return all ? start_ticking(all, true) : -E_INVAL;
}

/* The session is closed, or other threads count: no CPU shall remember it. */
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
        struct before before;

        if (!session || !all || !(session->flags & SESSION_OPEN))
                return -E_STALE;
        if (!enter(all, session))
                return -E_BUSY;
        before = (struct before) { session->level, session->active };
        for (uint32_t i = 0; i < PLATFORM_FEED_MAX && i < n; i++) {
                sample.latency_us = all->feed[i];
                session_take(session, &sample, bpf_ktime_get_ns());
        }
        leave(session);
        follow(session, slot, &before);
        return start_ticking(all, false);
}

/* -- trigger: the application itself -- */

/* Another governor came: its timer looks into the rings, now. */
static __always_inline int hand_over(void) {
        uint32_t zero = 0;
        struct ticker *ticker = bpf_map_lookup_elem(&tickers, &zero);
        struct platform_shared *all = shared();

        if (!ticker || !all)
                return -E_INVAL;
        all->ticking = 1;
        return (int) bpf_timer_start(&ticker->timer, 0, 0);
}

SEC("syscall")
int kick(struct governord_kick *context) {
        uint32_t slot = context->slot;
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct platform_shared *all = shared();
        uint64_t caller = bpf_get_current_pid_tgid();
        int r;

        if (!session || !all || session->cookie != context->cookie || !(session->flags & SESSION_OPEN))
                return -E_STALE;
        if (session->tgid != caller >> 32)
                return -E_PERM;
        if (all->generation != generation)
                return hand_over();
        r = drain_ring(slot, DRAIN_MAX);
        if (r < 0)
                return r;
        if (!session->active)
                return 0;
        if (session_follows(session, (uint32_t) caller))
                claim_on(bpf_get_smp_processor_id(), slot, RUNNING);
        start_ticking(all, false);
        return 0;
}
