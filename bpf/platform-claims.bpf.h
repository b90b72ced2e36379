/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_PLATFORM_CLAIMS_BPF_H
#define BPF_PLATFORM_CLAIMS_BPF_H

/* Claims of sessions on each CPU (bpf/hint.h) and the resulting demand. Programs change both with the CPU's spin lock held; the
 * daemon reads the demand without the lock. After a session was closed, or is no longer active, its claims are dropped, and
 * set_claim() checks with the lock held that the session is open and active. So no claim remains. */

#include "bpf/hint.h"
#include "bpf/platform-shared.bpf.h"

/* End of a claim: a time of CLOCK_MONOTONIC in nanoseconds, or one of RUNNING, GONE and AS_LONG. */
#define RUNNING    UINT64_MAX /* until the thread is switched out */
#define GONE       HINT_GONE
#define AS_LONG    HINT_AS_LONG
#define CLAIM_NS   50000000ull /* how long a claim stays on a CPU after the session's thread has left it */
#define SWEEP_NS   10000000ull /* interval of the search for claims that have ended */
#define LEVEL_STEP 32          /* levels are rounded up to a multiple of it, so that most small changes do not wake the service */

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PLATFORM_SESSIONS);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, uint32_t);
        __type(value, struct platform_cpus);
} session_cpus SEC(".maps");

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
        __type(value, struct platform_demand);
} demands SEC(".maps");

/* Table for lowest_bit(): BPF has no instruction for this. */
static const unsigned char bit_numbers[64] = {
        0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28, 62, 5,  39, 46, 44, 42,
        22, 9,  24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
        23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};

static __always_inline uint32_t lowest_bit(uint64_t word) {
        return bit_numbers[((word & -word) * 0x022fdd63cc95386dull) >> 58]; /* De Bruijn */
}

static __always_inline uint32_t rounded(uint32_t level) {
        level = (level + LEVEL_STEP - 1) & ~(LEVEL_STEP - 1u);
        return level > POLICY_LEVEL_MAX ? POLICY_LEVEL_MAX : level;
}

/* Adds or renews the claim of a session on a CPU, updates its level without changing its end (AS_LONG) or removes it (GONE). Then
 * computes the demand on the CPU, and wakes the daemon if it has changed. If the session is closed or no longer active, its claim
 * is removed in any case. If `cookie` is neither 0 nor the session's, the slot was reused, and no claim is added. Returns whether
 * the session has a claim on this CPU afterwards. */
__noinline int set_claim(uint32_t cpu, uint32_t slot, uint32_t cookie, uint64_t until_ns) {
        const volatile struct session *session = bpf_map_lookup_elem(&sessions, &slot);
        struct hint_claim mine = { .until_ns = until_ns, .slot = slot };
        struct platform_demand *demand = bpf_map_lookup_elem(&demands, &cpu);
        struct cpu_hint *hint = bpf_map_lookup_elem(&hints, &cpu);
        struct platform_shared *all = shared();
        uint64_t now_ns = bpf_ktime_get_ns();
        struct hint_sum sum;
        bool changed, kept;

        if (!session || !hint || !demand || !all)
                return 0;
        bpf_spin_lock(&hint->lock);
        mine.level = (uint16_t) rounded(session->level);
        mine.flags = session->flags & SESSION_CAPS ? CLAIM_CAPS : 0;
        mine.target_us = session->target.target_us;
        if (cookie != 0 && session->cookie != cookie)
                mine.until_ns = AS_LONG;
        if (!session->active || !(session->flags & SESSION_OPEN))
                mine.until_ns = GONE;
        kept = hint_put(hint->claims, &mine, now_ns);
        hint_combine(hint->claims, now_ns, &sum);
        changed = sum.floor != demand->sum.floor || sum.ceiling != demand->sum.ceiling || sum.target_us != demand->sum.target_us;
        demand->sum = sum;
        bpf_spin_unlock(&hint->lock);
        if (!changed)
                return kept;
        mark(&all->dirty[(cpu >> 6) & (PLATFORM_CPU_WORDS - 1)], 1ull << (cpu & 63));
        wake_daemon(all, now_ns);
        return kept;
}

static __always_inline void claim_on(uint32_t cpu, uint32_t slot, uint32_t cookie, uint64_t until_ns) {
        struct platform_cpus *cpus = bpf_map_lookup_elem(&session_cpus, &slot);
        uint64_t *word, bit = 1ull << (cpu & 63);

        if (!cpus)
                return;
        if (!set_claim(cpu, slot, cookie, until_ns))
                return;
        word = &cpus->words[(cpu >> 6) & (PLATFORM_CPU_WORDS - 1)];
        if (!(*word & bit))
                mark(word, bit);
}

/* Iteration over the bitmap of a session's CPUs. Each step handles the lowest remaining bit, or fetches the next word. */
struct spread {
        uint32_t slot, word, left; /* left: CPUs that may still be updated */
        uint32_t next;             /* the first CPU that was not reached, 0 if all were */
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
                cpu = (spread->word - 1) * 64 + lowest_bit(bits);
                if (spread->left == 0) {
                        spread->next = cpu;
                        return 1;
                }
                spread->left--;
                spread->bits = bits & (bits - 1);
                if (set_claim(cpu, slot, 0, AS_LONG))
                        return 0;
                word = &cpus->words[(spread->word - 1) & (PLATFORM_CPU_WORDS - 1)];
                unmark(word, bits & -bits);
                if (set_claim(cpu, slot, 0, AS_LONG)) /* another program, which still saw the bit, has added a claim */
                        mark(word, bits & -bits);
                return 0;
        }
        if (spread->word * 64 >= all->n_cpus)
                return 1;
        spread->bits = cpus->words[spread->word & (PLATFORM_CPU_WORDS - 1)];
        spread->word++;
        return 0;
}

/* Applies the session's level to at most `most` CPUs on which it has claims, beginning at `cpu`. Returns the CPU at which to
 * continue, 0 if there are no more. */
__noinline int spread_level(uint32_t slot, uint32_t cpu, uint32_t most) {
        struct spread spread = { .slot = slot, .word = cpu / 64, .left = most };
        struct platform_cpus *cpus = bpf_map_lookup_elem(&session_cpus, &slot);

        if (!cpus)
                return 0;
        if (cpu % 64 > 0) {
                spread.bits = cpus->words[spread.word & (PLATFORM_CPU_WORDS - 1)] & (~0ull << (cpu % 64));
                spread.word++;
        }
        bpf_loop((most < PLATFORM_CPUS_MAX ? most : PLATFORM_CPUS_MAX) + PLATFORM_CPU_WORDS + 1, spread_step, &spread, 0);
        return (int) spread.next;
}

struct drop {
        uint64_t until_ns;
        uint32_t slot;
};

static long drop_step(uint32_t cpu, void *context) {
        const struct drop *drop = context;

        set_claim(cpu, drop->slot, 0, drop->until_ns);
        return 0;
}

/* Drops all claims of a session. With AS_LONG instead of GONE, drops them only if the session is closed or no longer active. Visits
 * all CPUs and not only those in the session's bitmap, because a claim that is missing there would never be removed. */
__noinline int drop_claims(uint32_t slot, uint64_t until_ns) {
        struct drop drop = { until_ns, slot };
        struct platform_shared *all = shared();

        if (!all)
                return 0;
        bpf_loop(all->n_cpus, drop_step, &drop, 0);
        return 0;
}

#endif
