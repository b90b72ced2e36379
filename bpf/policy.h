/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICY_H
#define BPF_POLICY_H

/*
 * What a policy is: one pure, integer-only function
 *
 *     static uint32_t decide(struct policy_state *state, const struct policy_input *input,
 *                            const struct policy_target *target, const struct policy_limits *limits);
 *
 * that returns the level of one session. It is called at each sample and at each tick, and keeps all its state in `state`. The same
 * source is compiled into BPF, into the daemon, into the simulator (bench/sim) and into unit tests. So it has no division of signed
 * numbers by a variable, no floating point, no loop without a constant bound, keeps no pointer and reads no clock; the time is in
 * `input`.
 *
 * The caller guarantees: calls for one session never overlap; input->now_ns never goes back; latency_us <= 60 000 000; target
 * within the ranges below; limits->floor <= limits->neutral <= limits->ceiling <= 1024. The caller clamps the returned level to
 * [floor, ceiling], and sets all bytes of the state to zero when the session opens or its governor is replaced.
 */

#include <stdint.h>

#define POLICY_LEVEL_MAX 1024

enum policy_event {
        POLICY_SAMPLE = 0, /* input->latency_us is one piece of work */
        POLICY_TICK = 1,   /* time passes: every 1 to 10 ms while samples come, and once when the session falls silent */
        POLICY_SPIKE = 2,  /* the application expects more work than usual */
        POLICY_CALM = 3,   /* ... less */
        POLICY_STALE = 4,  /* no sample for the stale time: back to neutral. The caller treats the session as requesting nothing
                              until the next sample, whatever is returned */
};

struct policy_input {
        uint32_t event;      /* enum policy_event */
        uint32_t latency_us; /* POLICY_SAMPLE */
        uint64_t now_ns;     /* CLOCK_MONOTONIC */
};

/* What the session requests. */
struct policy_target {
        uint32_t target_us; /* 1 .. 60 000 000: the percentile of the latencies shall not exceed it */
        uint32_t permille;  /* 500 .. 999: which percentile, 950 is p95 */
        uint32_t window_us; /* 1000 .. 60 000 000: time over which the percentile is taken */
        uint32_t stale_us;  /* 1000 .. 600 000 000 */
};

struct policy_limits {
        uint32_t floor, ceiling; /* 0..1024: the range that the profile and requests leave to this session */
        uint32_t neutral;        /* the level at which a session starts, and to which a silent one returns */
};

/* Neutral is the middle, clamped to the limits: a new session should neither have to wait for its first violation nor cost the
 * maximum. */
static inline struct policy_limits policy_limits_for(uint32_t floor, uint32_t ceiling) {
        uint32_t top = ceiling < POLICY_LEVEL_MAX ? ceiling : POLICY_LEVEL_MAX, bottom = floor < top ? floor : top;
        uint32_t middle = POLICY_LEVEL_MAX / 2;
        struct policy_limits limits = { bottom, top, middle < bottom ? bottom : middle > top ? top : middle };

        return limits;
}

/* 520 bytes, the whole memory of a policy. Users see `level` and `estimate_us` (governorctl top), so keep them accurate. */
#define POLICY_WORDS 63
struct policy_state {
        uint32_t level;       /* what decide() returned last, after the caller's clamp */
        uint32_t estimate_us; /* the percentile as the policy sees it; 0 unknown */
        uint64_t words[POLICY_WORDS];
        uint64_t reserved;
};

/* A policy's own view of its words: struct mine *mine = POLICY_WORDS_AS(state, struct mine); */
#define POLICY_WORDS_AS(state, type)                                                                       \
        (__extension__({                                                                                   \
                _Static_assert(sizeof(type) <= sizeof((state)->words), "more than a policy may remember"); \
                (type *) (state)->words;                                                                   \
        }))

#endif
