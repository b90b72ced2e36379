/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_HINT_H
#define BPF_HINT_H

/*
 * Combines the levels of all sessions that run on one CPU. An active session has a claim on a CPU while its threads run there and
 * for some time afterwards; the highest claim wins. In BPF the caller holds a spin lock, so all functions are inlined, and all
 * loops have constant bounds.
 */

#include <stdint.h>

#define HINT_CLAIMS \
        8 /* a power of two. If more sessions share a CPU, the lowest claims are left out, since their levels have no effect. Their
             other properties (no ceiling, a shorter target) are merged into another claim, which has them until the session of that
             other claim renews it */
#define HINT_NOTHING UINT32_MAX

#define CLAIM_CAPS 1u

struct hint_claim {
        uint64_t until_ns; /* CLOCK_MONOTONIC; 0: free */
        uint32_t slot;
        uint16_t level, flags;
        uint32_t target_us, reserved;
};

/* Special values of until_ns in hint_put(). */
#define HINT_GONE    0 /* remove the claim */
#define HINT_AS_LONG 1 /* change a claim without changing its end; do not add a claim */

/* Merges the properties of a claim that is left out into another claim. */
static inline __attribute__((always_inline)) void hint_merge(struct hint_claim *in, uint32_t flags, uint32_t target_us) {
        if (!(flags & CLAIM_CAPS)) /* ceilings of other sessions must not slow down a session without a ceiling */
                in->flags &= (uint16_t) ~CLAIM_CAPS;
        if (target_us < in->target_us)
                in->target_us = target_us;
}

/* Adds, changes or removes the claim of mine->slot. A new claim replaces one that has ended, or else the lowest claim if that is
 * lower. Returns whether the slot has a claim afterwards. */
static inline __attribute__((always_inline)) int hint_put(struct hint_claim *claims, const struct hint_claim *mine,
                                                          uint64_t now_ns) {
        uint32_t own = HINT_CLAIMS, place = HINT_CLAIMS, lowest = mine->level;
        uint64_t until_ns = mine->until_ns;
        struct hint_claim lost = { 0 };

        for (uint32_t i = 0; i < HINT_CLAIMS; i++) {
                int ended = claims[i].until_ns <= now_ns;

                if (claims[i].until_ns > 0 && claims[i].slot == mine->slot)
                        own = i;
                if (ended || claims[i].level < lowest) {
                        place = i;
                        lowest = ended ? 0 : claims[i].level;
                }
        }
        if (own < HINT_CLAIMS) {
                place = own;
                if (until_ns == HINT_AS_LONG)
                        until_ns = claims[own & (HINT_CLAIMS - 1)].until_ns;
                if (until_ns <= now_ns)
                        until_ns = 0;
        } else if (until_ns <= now_ns)
                return 0;
        if (place >= HINT_CLAIMS) {
                hint_merge(&claims[0], mine->flags, mine->target_us);
                return 0;
        }
        if (place != own && claims[place].until_ns > now_ns)
                lost = claims[place];
        claims[place] = *mine;
        claims[place].until_ns = until_ns;
        if (lost.until_ns > 0)
                hint_merge(&claims[place], lost.flags, lost.target_us);
        return until_ns > 0;
}

/* The result of all claims on a CPU. */
struct hint_sum {
        uint32_t floor;     /* the highest level, or HINT_NOTHING without claims */
        uint32_t ceiling;   /* the highest level if all claims are ceilings as well, or HINT_NOTHING */
        uint32_t target_us; /* the shortest latency target in microseconds, 0 without claims */
        uint32_t reserved;
};

static inline __attribute__((always_inline)) void hint_combine(const struct hint_claim *claims, uint64_t now_ns,
                                                               struct hint_sum *ret) {
        uint32_t level = 0, live = 0, capping = 0, target_us = 0;

        for (uint32_t i = 0; i < HINT_CLAIMS; i++) {
                if (claims[i].until_ns <= now_ns)
                        continue;
                live++;
                capping += claims[i].flags & CLAIM_CAPS;
                if (claims[i].level > level)
                        level = claims[i].level;
                if (target_us == 0 || claims[i].target_us < target_us)
                        target_us = claims[i].target_us;
        }
        ret->floor = live > 0 ? level : HINT_NOTHING;
        ret->ceiling = live > 0 && capping == live ? level : HINT_NOTHING;
        ret->target_us = target_us;
        ret->reserved = 0;
}

#endif
