/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICIES_SLACK_H
#define BPF_POLICIES_SLACK_H

/*
 * "slack", the default: the lowest level at which the percentile of the latencies meets the target. It has two control loops; the
 * higher result wins:
 *
 *  - The base is slow; it is the level that survives a burst. Once per control period (1/16 of the window) it is adjusted to the
 *    percentile of the last half to whole window. Above the dead-band it rises in proportion, but only if this period had late
 *    work, too: late work from earlier in the window is no reason to rise. Below the dead-band it sinks slowly. It may sink below
 *    the floor if even the floor is more than needed; this does not lower the level any further, but the boost begins later. After
 *    SLACK_GUARD periods beyond the target it jumps to the ceiling.
 *  - The boost is fast; it keeps the tail short. Latency is work / speed + queue, so a long latency means that there is a queue
 *    now. Between SLACK_NEAR and SLACK_FULL each sample requests a proportional share of the range from base to ceiling. A sample
 *    that requests less than the present boost reduces it by half of the difference. Without samples the boost falls linearly,
 *    within about one target.
 *
 * So the machine runs slowly while the queue is short and fast while it is long, which costs less than one speed for both. Every
 * step is monotone in the latencies: higher latencies never lead to a lower level. The floor takes care of levels below which a CPU
 * saves nothing more.
 *
 * A period without samples lowers the base only after CALM, or by the samples that are still in the window.
 *
 * The constants were tuned with bench/sim on seeds that its reports do not use; bench/README.md has the results.
 */

#include "bpf/policy.h"

/* Latencies are multiples of the target in units of 1/1024: SLACK_ONE is exactly the target. */
#define SLACK_ONE        1024u
#define SLACK_LOW        896u /* dead-band of the percentile: below this edge of a bucket the base sinks, */
#define SLACK_HIGH       960u /* ... above this one it rises, by a quarter of the excess */
#define SLACK_RISE       4u
#define SLACK_SINK       352u /* by 1/352 in a control period, 4 % in a window, */
#define SLACK_SINK_BELOW 128u /* ... by 1/128 below the floor, */
#define SLACK_SINK_FAR   64u  /* ... by 1/64 while the percentile is below half of the dead-band, */
#define SLACK_SINK_CALM  8u   /* ... by 1/8 for a quarter window after CALM */
#define SLACK_GUARD      8u   /* periods beyond the target: half a window */
#define SLACK_BELOW      4u   /* the base goes down to a quarter of the floor */
#define SLACK_NEAR       50u  /* latencies up to 0.05 targets request no boost, */
#define SLACK_FULL       860u /* ... those of 0.84 targets and more request all of it */
/* The boost falls by 1024 levels in a target, but in a time between these: */
#define SLACK_FALL_MIN_NS   UINT64_C(4000000)
#define SLACK_FALL_MAX_NS   UINT64_C(1000000000)
#define SLACK_QUIET         8u  /* ... and only when there has been no sample for an eighth of that */
#define SLACK_PERIODS       16u /* control periods in a window, each between: */
#define SLACK_PERIOD_MIN_NS UINT64_C(2000000)
#define SLACK_PERIOD_MAX_NS UINT64_C(1000000000)
#define SLACK_SPIKE         4u /* SPIKE holds the ceiling for four targets, but for a time between these: */
#define SLACK_SPIKE_MIN_NS  UINT64_C(10000000)
#define SLACK_SPIKE_MAX_NS  UINT64_C(200000000)
#define SLACK_BUCKETS       64u    /* 1/16 of the target to 16 times: 8 octaves of 8, so a percentile is up to 12 % too high */
#define SLACK_HALF_MAX      60000u /* samples in half a window, as counters have 16 bits; with more samples the window is shorter */
#define SLACK_FRACTION      1024u  /* base and boost are kept in 1/1024 level */

struct slack {
        uint64_t call_ns, period_ns, half_ns; /* of the last call; when the control period and this half of the window began */
        uint64_t hold_ns;                     /* SPIKE: the boost does not fall before this time, */
        uint64_t quiet_ns;                    /* ... nor before this one, without samples */
        uint64_t calm_ns;                     /* CALM: the base sinks faster until then */
        uint32_t base, boost;                 /* in 1/1024 level */
        uint32_t late;                        /* samples above the dead-band in this period */
        uint32_t beyond;                      /* periods beyond the target in a row */
        uint32_t target_us;                   /* the target that the counters are multiples of, 0: none yet */
        uint32_t newer;                       /* which half of the window is being filled */
        uint32_t half_n[2];
        uint16_t counts[2][SLACK_BUCKETS];
};

/* Keeps clang from turning a loop into a call of memset(), which BPF does not have. */
#define SLACK_NO_CALL() __asm__ volatile("" ::: "memory")

static inline uint64_t slack_clamp(uint64_t value, uint64_t low, uint64_t high) {
        return value < low ? low : value > high ? high : value;
}

/* The latency as a multiple of the target, limited to just below 16 targets. */
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

/* Upper end of a bucket, as a multiple of the target. */
static inline uint32_t slack_edge(uint32_t bucket) {
        return (9 + (bucket & 7)) << (3 + bucket / 8);
}

/* The percentile of the samples in both halves, rounded up to the edge of a bucket; 0 without samples. */
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

/* The older half of the window is emptied and becomes the newer one. */
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

/* whole * numerator / denominator, not more than whole. */
static inline uint32_t slack_share(uint32_t whole, uint64_t numerator, uint64_t denominator) {
        return numerator >= denominator ? whole : (uint32_t) (whole * numerator / (denominator > 0 ? denominator : 1));
}

static inline void slack_boost(struct slack *slack, uint32_t boost) {
        if (boost > slack->boost)
                slack->boost = boost;
}

/* Raises the boost at once to what a sample requests, or lowers it half of the way down to that. */
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

/* Once in a control period; `seen` is the percentile. */
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

/* Resets all state to that of a new session. */
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

/* The time in which the boost falls from the highest level to 0. */
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
