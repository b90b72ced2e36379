/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_POLICY_H
#define BPF_POLICY_H

/*
 * A policy is a function
 *
 *     static uint32_t decide(struct policy_state *state, const struct policy_input *input,
 *                            const struct policy_target *target, const struct policy_limits *limits);
 *
 * which returns the level of a session, 0..1024. It is called for each event (enum policy_event), and all its state is in `state`.
 * The built-in policies are compiled into BPF, the daemon, the simulator (bench/sim) and unit tests. A policy must not use floating
 * point, signed division by a variable, or loops without a constant bound; it must not store pointers or read a clock.
 *
 * The caller guarantees that calls for one session do not overlap, that input->now_ns never decreases, that latency_us is at most
 * 60 000 000, that the members of the target are within the ranges below, and that floor <= neutral <= ceiling <= 1024. On rung 3,
 * a call during which the service changes the target or the limits may see some old and some new values of these. The caller clamps
 * the returned level to [floor, ceiling]. It sets the whole state to zero when the session is opened and when its governor is
 * replaced.
 */

#include <stdint.h>

#define POLICY_LEVEL_MAX 1024

enum policy_event {
        POLICY_SAMPLE = 0, /* one piece of work took input->latency_us */
        POLICY_TICK = 1,   /* time has passed: every 1 to 10 ms while the session is active */
        POLICY_SPIKE = 2,  /* the application expects more work than usual */
        POLICY_CALM = 3,   /* the application expects no work for a while */
        POLICY_STALE = 4,  /* no sample for the stale time. The result is not used: the session requests nothing until the next
                              sample. The policy should reset its state */
};

struct policy_input {
        uint32_t event;      /* enum policy_event */
        uint32_t latency_us; /* microseconds; only for POLICY_SAMPLE */
        uint64_t now_ns;     /* CLOCK_MONOTONIC, nanoseconds */
};

/* The target of the session. */
struct policy_target {
        uint32_t target_us; /* 1 .. 60 000 000: the percentile of the latencies shall not exceed it */
        uint32_t permille;  /* 500 .. 999: the percentile in thousandths, 950 is p95 */
        uint32_t window_us; /* 1000 .. 60 000 000: time over which the percentile is computed */
        uint32_t stale_us;  /* 1000 .. 600 000 000: time without a sample after which the session is no longer active */
};

struct policy_limits {
        uint32_t floor, ceiling; /* 0..1024: the range of levels that the session may use; requests limit it */
        uint32_t neutral;        /* the level at which a policy should start */
};

/* Neutral is the middle of 0..1024, clamped to the limits, so that the first latencies of a session are not long and the session
 * does not begin at the highest cost. */
static inline struct policy_limits policy_limits_for(uint32_t floor, uint32_t ceiling) {
        uint32_t top = ceiling < POLICY_LEVEL_MAX ? ceiling : POLICY_LEVEL_MAX, bottom = floor < top ? floor : top;
        uint32_t middle = POLICY_LEVEL_MAX / 2;
        struct policy_limits limits = { bottom, top, middle < bottom ? bottom : middle > top ? top : middle };

        return limits;
}

/* All state of a policy. */
#define POLICY_WORDS 63
struct policy_state {
        uint32_t level;               /* the last result of decide(), clamped; set by the caller */
        uint32_t estimate_us;         /* estimate of the percentile in microseconds for users, 0 if unknown; set by the policy */
        uint64_t words[POLICY_WORDS]; /* free for use by the policy */
        uint64_t reserved;
};

/* Accesses the words as a structure of the policy: struct mine *mine = POLICY_WORDS_AS(state, struct mine); */
#define POLICY_WORDS_AS(state, type)                                                                         \
        (__extension__({                                                                                     \
                _Static_assert(sizeof(type) <= sizeof((state)->words), "the structure must fit into words"); \
                (type *) (state)->words;                                                                     \
        }))

#endif
