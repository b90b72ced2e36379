/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_SLACK_H
#define BPF_POLICIES_SLACK_H

/*
 * "slack", the default: aims at the lowest level at which the percentile of the latencies meets the target. It has two control
 * loops, base and boost; the level is the higher of the two results.
 *
 *  - The base is slow and persists between bursts. Once per control period (1/16 of the window) it is adjusted according to the
 *    percentile of the samples in the last half to whole window. Above the dead band it rises in proportion to the excess, but only
 *    if this period had late work, which means a latency above the dead band: late work from earlier periods of the window does not
 *    raise it. Below the dead band it falls slowly. It may fall below the floor if the floor is more than the target requires; the
 *    level then stays at the floor, and the boost, which starts from the base, takes effect later. After SLACK_GUARD periods in a
 *    row with late work in which the percentile missed the target, the base is set to the ceiling.
 *  - The boost is fast and shortens the tail of the latencies. Latency is work / speed + time in the queue, so a long latency often
 *    means that there is a queue now. A latency between SLACK_NEAR and SLACK_FULL requests a proportional share of the range from
 *    base to ceiling. A sample that requests less than the present boost reduces the boost by half of the difference. Without
 *    samples the boost falls linearly to 0 within about one target (but 4 ms to 1 s).
 *
 * So the machine runs slowly while the queue is short and fast while it is long, which uses less energy than a constant speed.
 * Every step is monotonic: a higher latency never leads to a lower level. The policy does not know below which level a CPU saves no
 * more energy; a caller that knows it can set the floor.
 *
 * A period without samples lowers the base only after CALM, or according to samples that are still in the window.
 *
 * The constants were tuned with bench/sim, with other seeds than those of its reports; bench/README.md has the results.
 */

#include "bpf/policy.h"

/* Latencies are multiples of the target in units of 1/1024: SLACK_ONE is exactly the target. */
#define SLACK_ONE        1024u
#define SLACK_LOW        896u /* dead band of the percentile (edges of buckets): below this value the base falls, */
#define SLACK_HIGH       960u /* ... above this value it rises */
#define SLACK_RISE       4u   /* the base rises by base * excess / 4; the excess over SLACK_HIGH is relative to the target */
#define SLACK_SINK       352u /* it falls by 1/352 per control period, which is about 4 % per window; */
#define SLACK_SINK_BELOW 128u /* ... by 1/128 while it is below the floor; */
#define SLACK_SINK_FAR   64u  /* ... by 1/64 while the percentile is below half of SLACK_LOW; */
#define SLACK_SINK_CALM  8u   /* ... by 1/8 during a quarter of a window after CALM */
#define SLACK_GUARD      8u   /* number of periods in a row after which the base is set to the ceiling: half a window */
#define SLACK_BELOW      4u   /* the base falls to a quarter of the floor at the lowest */
#define SLACK_NEAR       50u  /* latencies up to 0.05 of the target request no boost, */
#define SLACK_FULL       860u /* ... those of 0.84 of the target and more request all of it */
/* The boost falls by 1024 levels in the time of one target, limited to this range: */
#define SLACK_FALL_MIN_NS   UINT64_C(4000000)
#define SLACK_FALL_MAX_NS   UINT64_C(1000000000)
#define SLACK_QUIET         8u  /* ... but only if there was no sample for an eighth of this time */
#define SLACK_PERIODS       16u /* control periods per window; a period is limited to this range: */
#define SLACK_PERIOD_MIN_NS UINT64_C(2000000)
#define SLACK_PERIOD_MAX_NS UINT64_C(1000000000)
#define SLACK_SPIKE         4u /* SPIKE keeps the level at the ceiling for the time of four targets, limited to this range: */
#define SLACK_SPIKE_MIN_NS  UINT64_C(10000000)
#define SLACK_SPIKE_MAX_NS  UINT64_C(200000000)
#define SLACK_BUCKETS       64u    /* 1/16 to 16 targets in 8 octaves of 8 buckets: there the percentile is up to 1/8 too high */
#define SLACK_HALF_MAX      60000u /* maximum number of samples in half a window (16-bit counters); more shorten the window */
#define SLACK_FRACTION      1024u  /* base and boost are in units of 1/1024 level */

struct slack {
        uint64_t call_ns, period_ns, half_ns; /* last call; start of the control period and of the current half of the window */
        uint64_t hold_ns;                     /* after SPIKE: the boost does not fall before this time */
        uint64_t quiet_ns;                    /* after a sample: the boost does not fall linearly before this time */
        uint64_t calm_ns;                     /* after CALM: the base falls faster until this time */
        uint32_t base, boost;                 /* in 1/1024 level */
        uint32_t late;                        /* number of samples above the dead band in this period */
        uint32_t beyond;                      /* number of periods in a row with late work and a percentile above the target */
        uint32_t target_us;                   /* the target to which the counters are relative, 0: none yet */
        uint32_t newer;                       /* index of the current half of the window */
        uint32_t half_n[2];
        uint16_t counts[2][SLACK_BUCKETS];
};

/* Prevents clang from replacing a loop by a call of memset(), which BPF does not have. */
#define SLACK_NO_CALL() __asm__ volatile("" ::: "memory")

static inline uint64_t slack_clamp(uint64_t value, uint64_t low, uint64_t high) {
        return value < low ? low : value > high ? high : value;
}

/* Returns the latency relative to the target, limited to just below 16 targets. */
static inline uint32_t slack_ratio(uint32_t latency_us, uint32_t target_us) {
        return (uint32_t) slack_clamp((uint64_t) latency_us * SLACK_ONE / (target_us > 0 ? target_us : 1), 0, 16 * SLACK_ONE - 1);
}

static inline uint32_t slack_bucket(uint32_t ratio) {
        uint32_t octave = 0;

        if (ratio < 64)
                return 0;
        for (uint32_t i = 0; i < 7; i++)
                if (ratio >= 128) {
                        ratio >>= 1;
                        octave++;
                }
        return (octave * 8 + (ratio >> 3) - 8) & (SLACK_BUCKETS - 1);
}

/* Returns the upper edge of a bucket, relative to the target. */
static inline uint32_t slack_edge(uint32_t bucket) {
        return (9 + (bucket & 7)) << (3 + bucket / 8);
}

/* Returns the percentile of the samples in both halves, rounded up to the edge of a bucket; 0 without samples. */
static inline uint32_t slack_percentile(const struct slack *slack, uint32_t permille) {
        uint32_t n = slack->half_n[0] + slack->half_n[1], above = 0;
        uint32_t allowed = n * (permille < 1000 ? 1000 - permille : 0) / 1000;

        for (uint32_t i = SLACK_BUCKETS; i-- > 0;) {
                above += (uint32_t) slack->counts[0][i] + slack->counts[1][i];
                if (above > allowed)
                        return slack_edge(i);
        }
        return 0;
}

/* Clears the older half of the window, which becomes the newer one. */
static inline void slack_turn(struct slack *slack, uint64_t now_ns) {
        uint32_t half = ~slack->newer & 1;

        slack->newer = half;
        slack->half_n[half] = 0;
        slack->half_ns = now_ns;
        for (uint32_t i = 0; i < SLACK_BUCKETS; i++) {
                slack->counts[half][i] = 0;
                SLACK_NO_CALL();
        }
}

/* Returns whole * numerator / denominator, but at most whole. */
static inline uint32_t slack_share(uint32_t whole, uint64_t numerator, uint64_t denominator) {
        return numerator >= denominator ? whole : (uint32_t) (whole * numerator / (denominator > 0 ? denominator : 1));
}

static inline void slack_boost(struct slack *slack, uint32_t boost) {
        if (boost > slack->boost)
                slack->boost = boost;
}

/* Raises the boost to the value that a sample requests, or lowers it by half of the difference (but not before hold_ns). */
static inline void slack_lean(struct slack *slack, uint32_t ratio, uint32_t ceiling, uint64_t now_ns) {
        uint32_t room = ceiling > slack->base ? ceiling - slack->base : 0, over = ratio > SLACK_NEAR ? ratio - SLACK_NEAR : 0;
        uint32_t wanted = slack->base + slack_share(room, over, SLACK_FULL - SLACK_NEAR);

        if (wanted < slack->boost && now_ns >= slack->hold_ns)
                slack->boost -= (slack->boost - wanted) / 2;
        slack_boost(slack, wanted);
}

static inline void slack_sample(struct slack *slack, uint32_t ratio, uint32_t ceiling, uint64_t now_ns) {
        uint32_t half = slack->newer & 1;

        slack->counts[half][slack_bucket(ratio)]++;
        slack->half_n[half]++;
        if (ratio > SLACK_HIGH) {
                slack->late++;
                slack->calm_ns = 0;
        }
        slack_lean(slack, ratio, ceiling, now_ns);
}

/* Adjusts the base, once per control period. `seen` is the percentile. */
static inline void slack_control(struct slack *slack, uint32_t seen, uint32_t floor, uint32_t ceiling, uint64_t now_ns) {
        uint32_t late = slack->late, excess = (seen < 2 * SLACK_ONE ? seen : 2 * SLACK_ONE) - SLACK_HIGH;

        slack->late = 0;
        slack->period_ns = now_ns;
        slack->beyond = late > 0 && seen > SLACK_ONE ? slack->beyond + 1 : 0;
        if (late > 0 && seen > SLACK_HIGH)
                slack->base += slack_share(slack->base, excess, SLACK_RISE * SLACK_ONE);
        if (slack->beyond >= SLACK_GUARD)
                slack->base = ceiling;
        if (now_ns < slack->calm_ns && seen <= SLACK_HIGH)
                slack->base -= slack->base / SLACK_SINK_CALM;
        else if (seen > 0 && seen < SLACK_LOW)
                slack->base -= slack->base / (seen < SLACK_LOW / 2 ? SLACK_SINK_FAR :
                                              slack->base < floor  ? SLACK_SINK_BELOW :
                                                                     SLACK_SINK);
}

/* Resets the state to that of a new session. */
static inline void slack_reset(struct policy_state *state, const struct policy_input *input, uint32_t target_us, uint32_t neutral) {
        struct slack *slack = POLICY_WORDS_AS(state, struct slack);

        for (uint32_t i = 0; i < POLICY_WORDS; i++) {
                state->words[i] = 0;
                SLACK_NO_CALL();
        }
        state->estimate_us = 0;
        slack->base = neutral;
        slack->target_us = input->event == POLICY_STALE ? 0 : target_us; /* 0: the next call resets again */
        slack->call_ns = slack->period_ns = slack->half_ns = input->now_ns;
}

/* Returns the time in which the boost falls from the highest level to 0. */
static inline uint64_t slack_fall_ns(uint64_t target_ns) {
        return slack_clamp(target_ns, SLACK_FALL_MIN_NS, SLACK_FALL_MAX_NS);
}

/* Applies the effect of elapsed time. */
static inline void slack_pass(struct slack *slack, uint64_t now_ns, uint64_t target_ns) {
        uint32_t fall = slack_share(POLICY_LEVEL_MAX * SLACK_FRACTION, now_ns - slack->call_ns, slack_fall_ns(target_ns));

        slack->call_ns = now_ns;
        if (now_ns >= slack->hold_ns && now_ns >= slack->quiet_ns)
                slack->boost -= fall < slack->boost ? fall : slack->boost;
}

static inline void slack_event(struct slack *slack, const struct policy_input *input, const struct policy_target *target,
                               uint32_t ceiling) {
        uint64_t target_ns = (uint64_t) target->target_us * 1000;

        if (input->event == POLICY_SAMPLE) {
                slack->quiet_ns = input->now_ns + slack_fall_ns(target_ns) / SLACK_QUIET;
                slack_sample(slack, slack_ratio(input->latency_us, target->target_us), ceiling, input->now_ns);
        } else if (input->event == POLICY_SPIKE) {
                slack->calm_ns = 0;
                slack->hold_ns = input->now_ns + slack_clamp(SLACK_SPIKE * target_ns, SLACK_SPIKE_MIN_NS, SLACK_SPIKE_MAX_NS);
                slack_boost(slack, ceiling);
        } else if (input->event == POLICY_CALM) {
                slack->calm_ns = input->now_ns + (uint64_t) target->window_us * 1000 / 4;
                slack->hold_ns = 0;
        }
}

static inline uint32_t slack_decide(struct policy_state *state, const struct policy_input *input,
                                    const struct policy_target *target, const struct policy_limits *limits) {
        struct slack *slack = POLICY_WORDS_AS(state, struct slack);
        uint32_t floor = limits->floor * SLACK_FRACTION, ceiling = limits->ceiling * SLACK_FRACTION, level, seen;
        uint64_t window_ns = (uint64_t) target->window_us * 1000, target_ns = (uint64_t) target->target_us * 1000;
        uint64_t period_ns = slack_clamp(window_ns / SLACK_PERIODS, SLACK_PERIOD_MIN_NS, SLACK_PERIOD_MAX_NS);

        if (slack->target_us != target->target_us || input->event == POLICY_STALE)
                slack_reset(state, input, target->target_us, limits->neutral * SLACK_FRACTION);
        slack_pass(slack, input->now_ns, target_ns);
        slack_event(slack, input, target, ceiling);
        if (input->now_ns - slack->period_ns >= period_ns) {
                seen = slack_percentile(slack, target->permille);
                state->estimate_us = (uint32_t) ((uint64_t) seen * target->target_us / SLACK_ONE);
                slack_control(slack, seen, floor, ceiling, input->now_ns);
        }
        if (input->now_ns - slack->half_ns >= window_ns / 2 || slack->half_n[slack->newer & 1] >= SLACK_HALF_MAX)
                slack_turn(slack, input->now_ns);
        slack->base = (uint32_t) slack_clamp(slack->base, floor / SLACK_BELOW, ceiling);
        slack->boost = slack->boost > ceiling ? ceiling : slack->boost;
        level = (slack->base > slack->boost ? slack->base : slack->boost) / SLACK_FRACTION;
        return level > limits->floor ? level : limits->floor;
}

#endif
