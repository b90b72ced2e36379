/* SPDX-License-Identifier: GPL-2.0-only */
/* The platform part of every governor: reads the sessions' rings, asks the policy that it was linked with, keeps a hint for each CPU and
 * tells the daemon, which writes it (rung 3). Three triggers: a session's thread is switched out, a timer while samples come, and
 * the kick. It refuses to believe anything in a ring: a sample is copied once and then checked (bpf/session.h). Without sessions only the two
 * lookups in on_switch() run, and the daemon detaches even those.
 *
 * In on_switch() the run queue is locked: no timer may be armed there (it could wake a thread), and only few samples are read. */

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/platform.h"
#include "bpf/session.h"

#define CLAIM_NS      50000000ull /* how long a CPU remembers a session whose threads left it */
#define RUNNING       UINT64_MAX /* until a thread is switched out */
#define GONE          HINT_GONE
#define AS_LONG       HINT_AS_LONG
#define SWEEP_NS      10000000ull /* how often claims that ended are looked for */
#define LEVEL_STEP    32         /* hints are rounded up to it: 33 values, so that small corrections wake nobody */
#define EMPTY_MANY    1024       /* this many reads found nothing: has the application stopped in the middle of a record? */
#define FULL_MANY     16         /* this many took all they may: is there an end to it? */
#define TICK_BUDGET   512        /* samples of all sessions together at a tick: some 50 us. Beyond it, TICK_LEAST of each session */
#define TICK_LEAST    8
#define SWITCH_MAX    32          /* samples read while the run queue is locked: some microseconds */
#define DRAIN_MAX     512         /* ... else: a whole ring */
#define CHAIN_MAX     8           /* sessions of one process */
#define WAKE_NS       500000ull   /* the daemon is not told more often: no cpufreq driver follows faster */
#define LOST_NS       100000000ull /* a wake-up that nobody answered is repeated */
#define E_PERM        1
#define E_BUSY        16
#define E_INVAL       22
#define E_NODATA      61
#define E_BADMSG      74
#define E_STALE       116
#define CLOCK_MONOTONIC 1

struct task_struct {
        int pid, tgid;
} __attribute__((preserve_access_index));

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

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PLATFORM_SESSIONS);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct session);
} sessions SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PLATFORM_SESSIONS);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct platform_cpus);
} session_cpus SEC(".maps");

/* Process -> slot + 1 of its first session. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, PLATFORM_SESSIONS);
        __type(key, uint32_t);
        __type(value, uint32_t);
} processes SEC(".maps");

struct cpu_hint {
        struct bpf_spin_lock lock;
        uint32_t reserved;
        struct hint_claim claims[HINT_CLAIMS];
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1); /* the daemon sets the number of CPUs */
        __type(key, uint32_t);
        __type(value, struct cpu_hint);
} hints SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1); /* likewise */
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct platform_wish);
} wishes SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct platform_shared);
} shared_map SEC(".maps");

struct ticker {
        struct bpf_timer timer;
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __type(key, uint32_t);
        __type(value, struct ticker);
} tickers SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 65536); /* a page at least, on all machines; one event at a time is on its way */
} events SEC(".maps");

char platform_license[] SEC("license") = "GPL";

uint32_t governor_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                         const struct policy_limits *limits);

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return governor_decide(state, input, target, limits);
}

static __always_inline struct platform_shared *shared(void) {
        uint32_t zero = 0;

        return bpf_map_lookup_elem(&shared_map, &zero);
}

/* An atomic whose result nobody uses orders nothing on arm64; this one is a full barrier. */
static __always_inline void mark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_or(word, bit);

        __asm__ volatile("" ::"r"(before));
}

static __always_inline void unmark(uint64_t *word, uint64_t bit) {
        uint64_t before = __sync_fetch_and_and(word, ~bit);

        __asm__ volatile("" ::"r"(before));
}

/* -- telling the daemon -- */

/* Once until it has looked, and not more often than it could act: the timer makes up for what was left out. It may stop at this moment, so it
 * is asked for again: it looks at `late` after it has stopped. */
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

/* -- a bitmap's lowest bit: BPF has no instruction for it -- */

static const unsigned char bit_numbers[64] = {
        0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28, 62, 5,  39, 46, 44, 42, 22, 9,  24, 35, 59, 56, 49, 18, 29, 11,
        63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};

static __always_inline uint32_t lowest_bit(uint64_t word) {
        return bit_numbers[((word & -word) * 0x022fdd63cc95386dull) >> 58]; /* De Bruijn */
}

/* -- hints -- */

static __always_inline uint32_t rounded(uint32_t level) {
        level = (level + LEVEL_STEP - 1) & ~(LEVEL_STEP - 1u);
        return level > POLICY_LEVEL_MAX ? POLICY_LEVEL_MAX : level;
}

/* Puts the claim of a session on a CPU in, changes it (AS_LONG) or takes it away (GONE), and works the CPU's hint out anew. One that was closed or
 * fell silent meanwhile has none: whoever made it so drops its claims afterwards, under the same locks, so none is left behind. Returns 0
 * when the session has no claim there afterwards. */
__noinline int set_claim(uint32_t cpu, uint32_t slot, uint64_t until_ns) {
        const volatile struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct hint_claim mine = { .until_ns = until_ns, .slot = slot };
        struct platform_wish *wish = bpf_map_lookup_elem(&wishes, &cpu);
        struct cpu_hint *hint = bpf_map_lookup_elem(&hints, &cpu);
        struct platform_shared *all = shared();
        uint64_t now_ns = bpf_ktime_get_ns();
        struct hint_sum sum;
        bool changed, kept;

        if (!session || !hint || !wish || !all)
                return 0;
        bpf_spin_lock(&hint->lock);
        mine.level = (uint16_t) rounded(session->level);
        mine.flags = session->flags & SESSION_CAPS ? CLAIM_CAPS : 0;
        mine.target_us = session->target.target_us;
        if (!session->active || !(session->flags & SESSION_OPEN))
                mine.until_ns = GONE;
        kept = hint_put(hint->claims, &mine, now_ns);
        hint_combine(hint->claims, now_ns, &sum);
        changed = sum.floor != wish->sum.floor || sum.ceiling != wish->sum.ceiling || sum.target_us != wish->sum.target_us;
        wish->sum = sum;
        bpf_spin_unlock(&hint->lock);
        if (!changed)
                return kept;
        mark(&all->dirty[(cpu >> 6) & (PLATFORM_CPU_WORDS - 1)], 1ull << (cpu & 63));
        tell(all, now_ns);
        return kept;
}

static __always_inline void claim_on(uint32_t cpu, uint32_t slot, uint64_t until_ns) {
        struct platform_cpus *cpus = bpf_map_lookup_elem(&session_cpus, &slot);
        uint64_t *word, bit = 1ull << (cpu & 63);

        if (!cpus)
                return;
        if (!set_claim(cpu, slot, until_ns))
                return;
        word = &cpus->words[(cpu >> 6) & (PLATFORM_CPU_WORDS - 1)];
        if (!(*word & bit))
                mark(word, bit);
}

/* One step through the bitmap of a session's CPUs: the lowest bit that is left, or the next word. */
struct spread {
        uint32_t slot, word;
        uint64_t bits;
};

static long spread_step(uint32_t index, void *context) {
        struct spread *spread = context;
        struct platform_shared *all = shared();
        uint32_t slot = spread->slot, cpu;
        struct platform_cpus *cpus = bpf_map_lookup_elem(&session_cpus, &slot);
        uint64_t bits = spread->bits, *word;

        if (!cpus || !all)
                return 1;
        if (bits) {
                spread->bits = bits & (bits - 1);
                cpu = (spread->word - 1) * 64 + lowest_bit(bits);
                if (set_claim(cpu, slot, AS_LONG))
                        return 0;
                word = &cpus->words[(spread->word - 1) & (PLATFORM_CPU_WORDS - 1)];
                unmark(word, bits & -bits);
                if (set_claim(cpu, slot, AS_LONG)) /* claimed meanwhile, by one who still saw the bit */
                        mark(word, bits & -bits);
                return 0;
        }
        if (spread->word * 64 >= all->n_cpus)
                return 1;
        spread->bits = cpus->words[spread->word & (PLATFORM_CPU_WORDS - 1)];
        spread->word++;
        return 0;
}

/* The session's level is new: on all CPUs where its threads run, or ran a moment ago. */
__noinline int spread_level(uint32_t slot) {
        struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct spread spread = { .slot = slot };

        if (!session)
                return 0;
        session->swept_ns = bpf_ktime_get_ns();
        bpf_loop(PLATFORM_CPUS_MAX + PLATFORM_CPU_WORDS + 1, spread_step, &spread, 0);
        return 0;
}

struct drop {
        uint64_t until_ns;
        uint32_t slot;
};

static long drop_step(uint32_t cpu, void *context) {
        const struct drop *drop = context;

        set_claim(cpu, drop->slot, drop->until_ns);
        return 0;
}

/* GONE: all claims of the session. AS_LONG: those of a session that is closed or silent, unless samples came again meanwhile. All CPUs,
 * whatever its bitmap says: a claim that was left behind would stay for ever. */
__noinline int drop_claims(uint32_t slot, uint64_t until_ns) {
        struct drop drop = { until_ns, slot };
        struct platform_shared *all = shared();

        if (!all)
                return 0;
        bpf_loop(all->n_cpus, drop_step, &drop, 0);
        return 0;
}

/* -- rings -- */

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
