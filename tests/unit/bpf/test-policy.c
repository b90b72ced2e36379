/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpf/policies: properties of every policy for any input, and properties of "slack". The calls are random with fixed seeds. Each
 * check was seen to fail with a policy that lacks the property.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bpf/policies/race.h"
#include "bpf/policies/slack.h"
#include "bpf/policies/step.h"
#include "bpf/session.h"

#define MS   UINT64_C(1000000)
#define YEAR (UINT64_C(31536000000) * MS)

typedef uint32_t (*decide_fn)(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                              const struct policy_limits *limits);

static const struct {
        const char *name;
        decide_fn decide;
} policies[] = { { "slack", slack_decide }, { "step", step_decide }, { "race", race_decide } };
#define N_POLICIES (sizeof(policies) / sizeof(policies[0]))

static decide_fn chosen;

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return chosen(state, input, target, limits);
}

/* One session. session.h does not clamp the level here, so the policy itself must observe the limits. */
struct asked {
        decide_fn decide;
        struct policy_state state;
        struct policy_target target;
        struct policy_limits limits;
        uint64_t now_ns;
};

static const struct policy_target usual_target = { .target_us = 5000, .permille = 990, .window_us = 1000000, .stale_us = 2000000 };
static const struct policy_limits usual_limits = { .floor = 100, .neutral = 600, .ceiling = 1000 };

static struct asked asked_new(decide_fn decide) {
        return (struct asked){ .decide = decide, .target = usual_target, .limits = usual_limits, .now_ns = 1000 * MS };
}

static uint32_t ask(struct asked *asked, enum policy_event event, uint32_t latency_us) {
        struct policy_input input = { .event = event, .latency_us = latency_us, .now_ns = asked->now_ns };

        asked->state.level = asked->decide(&asked->state, &input, &asked->target, &asked->limits);
        return asked->state.level;
}

/* Passes n samples, one per millisecond; returns the level after the last one. */
static uint32_t feed(struct asked *asked, unsigned int n, uint32_t latency_us) {
        for (unsigned int i = 0; i < n; i++) {
                asked->now_ns += MS;
                (void) ask(asked, POLICY_SAMPLE, latency_us);
        }
        return asked->state.level;
}

/* Passes n ticks, one per millisecond, without samples; returns the level. */
static uint32_t pass(struct asked *asked, unsigned int n) {
        for (unsigned int i = 0; i < n; i++) {
                asked->now_ns += MS;
                (void) ask(asked, POLICY_TICK, 0);
        }
        return asked->state.level;
}

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (uint32_t) ((random_state >> 16) % limit);
}

/* All orders of magnitude are about equally likely; each of the two bounds is returned in a tenth of the calls. */
static uint32_t random_between(uint32_t low, uint32_t high) {
        uint32_t place = random_below(10);

        if (place < 2)
                return place == 0 ? low : high;
        return low + random_below((uint32_t) ((((uint64_t) high - low + 1) >> random_below(24)) | 1));
}

static struct asked random_session(decide_fn decide) {
        struct asked asked = { .decide = decide, .now_ns = 1 + random_below(1000000) };

        asked.target = (struct policy_target){ .target_us = random_between(1, 60000000),
                                               .permille = random_between(500, 999),
                                               .window_us = random_between(1000, 60000000),
                                               .stale_us = random_between(1000, 600000000) };
        asked.limits.floor = random_below(4) == 0 ? random_between(0, 1024) : random_below(300);
        asked.limits.ceiling = asked.limits.floor + random_below(1025 - asked.limits.floor);
        asked.limits.neutral = asked.limits.floor + random_below(asked.limits.ceiling - asked.limits.floor + 1);
        return asked;
}

/* The time until the next call: often 0, sometimes years. */
static uint64_t random_time(const struct asked *asked) {
        switch (random_below(16)) {
        case 0:
        case 1:
        case 2:
                return 0;
        case 3:
                return random_below(100) == 0 ? YEAR * (1 + random_below(50)) : random_below(1000000);
        case 4:
                return asked->target.window_us * UINT64_C(1000) / 16;
        default:
                return random_between(1, 20000000);
        }
}

static enum policy_event random_event(void) {
        uint32_t which = random_below(64);

        return which < 44 ? POLICY_SAMPLE :
               which < 58 ? POLICY_TICK :
               which < 60 ? POLICY_SPIKE :
               which < 63 ? POLICY_CALM :
                            POLICY_STALE;
}

/* Mostly near the target. */
static uint32_t random_latency(const struct asked *asked) {
        uint64_t near = asked->target.target_us * (uint64_t) (random_below(40) + 1) / 20;

        if (random_below(8) == 0)
                return random_below(3) == 0 ? UINT32_MAX : random_between(0, 60000000);
        return near > GOVERNORD_LATENCY_MAX_US ? GOVERNORD_LATENCY_MAX_US : (uint32_t) near;
}

static void assert_within(const struct asked *asked, const char *name) {
        if (asked->state.level >= asked->limits.floor && asked->state.level <= asked->limits.ceiling && asked->state.level <= 1024)
                return;
        fail_msg("%s: %u is not within %u..%u", name, asked->state.level, asked->limits.floor, asked->limits.ceiling);
}

static void test_within_limits(void **state) {
        (void) state;
        random_state = 42;
        for (size_t p = 0; p < N_POLICIES; p++)
                for (unsigned int sequence = 0; sequence < 400; sequence++) {
                        struct asked asked = random_session(policies[p].decide);

                        for (unsigned int call = 0; call < 400; call++) {
                                asked.now_ns += random_time(&asked);
                                (void) ask(&asked, random_event(), random_latency(&asked));
                                assert_within(&asked, policies[p].name);
                                if (random_below(200) == 0) { /* the service changes the limits, which apply at once */
                                        struct asked other = random_session(policies[p].decide);

                                        asked.limits = other.limits;
                                        asked.target = random_below(2) == 0 ? other.target : asked.target;
                                }
                        }
                }
}

/* Two sessions get the same calls at the same times, but the latencies of one are longer or equal: its level is never lower. */
static void test_monotone(void **state) {
        (void) state;
        random_state = 7;
        for (size_t p = 0; p < N_POLICIES; p++)
                for (unsigned int sequence = 0; sequence < 400; sequence++) {
                        struct asked better = random_session(policies[p].decide), worse = better;

                        for (unsigned int call = 0; call < 500; call++) {
                                enum policy_event event = random_event();
                                uint32_t latency_us = random_latency(&better);
                                uint64_t more = (uint64_t) latency_us +
                                                (random_below(3) == 0 ? random_below(better.target.target_us) : 0);

                                better.now_ns = worse.now_ns = better.now_ns + random_time(&better);
                                (void) ask(&better, event, latency_us);
                                (void) ask(&worse, event, more > UINT32_MAX ? UINT32_MAX : (uint32_t) more);
                                if (better.state.level > worse.state.level)
                                        fail_msg("%s, sequence %u, call %u: worse latencies, lower level: %u, %u", policies[p].name,
                                                 sequence, call, better.state.level, worse.state.level);
                        }
                }
}

/* After the stale time the level is neutral, and the session then behaves like a new one. */
static void test_stale(void **state) {
        (void) state;
        random_state = 99;
        for (size_t p = 0; p < N_POLICIES; p++)
                for (unsigned int sequence = 0; sequence < 100; sequence++) {
                        struct asked old = random_session(policies[p].decide), fresh = old;

                        for (unsigned int call = 0; call < 200; call++) {
                                old.now_ns += random_time(&old);
                                (void) ask(&old, random_event(), random_latency(&old));
                        }
                        assert_int_equal(ask(&old, POLICY_STALE, 0), old.limits.neutral);
                        assert_int_equal(ask(&old, POLICY_STALE, 0), old.limits.neutral);
                        assert_int_equal(old.state.estimate_us, 0);
                        fresh.now_ns = old.now_ns;
                        for (unsigned int call = 0; call < 300; call++) {
                                enum policy_event event = random_event();
                                uint32_t latency_us = random_latency(&old);

                                old.now_ns = fresh.now_ns = old.now_ns + random_time(&old);
                                assert_int_equal(ask(&old, event, latency_us), ask(&fresh, event, latency_us));
                                assert_int_equal(old.state.estimate_us, fresh.state.estimate_us);
                        }
                }
}

/* Policies are called through session.h, as in BPF and in the service: invalid samples do not reach them. */
static void test_through_session(void **state) {
        (void) state;
        for (size_t p = 0; p < N_POLICIES; p++) {
                struct session session = { .flags = SESSION_OPEN, .target = usual_target, .limits = usual_limits };
                struct governord_sample sample = { .kind = GOVERNORD_RECORD_LATENCY, .latency_us = UINT32_MAX, .end_ns = 10 * MS };

                chosen = policies[p].decide;
                session.target.target_us = GOVERNORD_LATENCY_MAX_US;
                session_take(&session, &sample, 11 * MS);
                assert_in_range(session.level, 100, 1000);
                sample.end_ns = 12 * MS;
                session_take(&session, &sample, 11 * MS);
                assert_int_equal(session.samples, 1);
                assert_int_equal(session.invalid, 1);
                session_tick(&session, 11 * MS + 2001 * MS);
                assert_int_equal(session.level, 0);
                assert_int_equal(session.policy.level, 600);
        }
}

/* The most by which "slack" lowers the level between two calls: 1/8 after CALM, otherwise 1/64 for each control period; without
 * samples, 1024 within a time of the target; at a sample, half of the level. */
static void test_slack_slew(void **state) {
        (void) state;
        random_state = 5;
        for (unsigned int sequence = 0; sequence < 400; sequence++) {
                struct asked asked = random_session(slack_decide);
                uint64_t fall_ns = asked.target.target_us * UINT64_C(1000);

                fall_ns = fall_ns < 4 * MS ? 4 * MS : fall_ns > 1000 * MS ? 1000 * MS : fall_ns;
                for (unsigned int call = 0; call < 300; call++) {
                        enum policy_event event = random_event();
                        uint64_t passed = random_time(&asked), fall = passed >= fall_ns ? 1024 : 1024 * passed / fall_ns;
                        uint32_t before = asked.state.level;

                        if (event == POLICY_STALE)
                                continue;
                        asked.now_ns += passed;
                        (void) ask(&asked, event, random_latency(&asked));
                        assert_true(asked.state.level + fall + before / (event == POLICY_SAMPLE ? 2 : 8) + 2 >= before);
                }
        }
}

static void test_slack_sinks_slowly(void **state) {
        struct asked asked = asked_new(slack_decide);
        uint32_t before;

        (void) state;
        before = feed(&asked, 100, 500);
        for (unsigned int window = 0; window < 3; window++) {
                uint32_t after = feed(&asked, 1000, 500);

                assert_true(after < before);
                assert_true(after > before * 2 / 3); /* 16 periods of 1/48 */
                before = after;
        }
        assert_true(feed(&asked, 60000, 500) == asked.limits.floor);
}

/* Latencies of 0.82 of the target are in the dead band: the level, whatever it is, does not change any more. */
static void test_slack_dead_band(void **state) {
        struct asked asked = asked_new(slack_decide);
        uint32_t settled = feed(&asked, 3000, 4100), base;

        (void) state;
        for (unsigned int i = 0; i < 20000; i++)
                assert_int_equal(feed(&asked, 1, 4100), settled);
        assert_in_range(settled, 601, 999);
        base = pass(&asked, 100); /* the boost has ended */
        assert_int_equal(pass(&asked, 20000), base);
        assert_in_range(asked.state.estimate_us, 0, 4100 * 9 / 8);
}

/* One long latency raises the level immediately, but not permanently. */
static void test_slack_boost(void **state) {
        struct asked asked = asked_new(slack_decide);
        uint32_t base, some;

        (void) state;
        (void) feed(&asked, 3000, 1000);
        base = pass(&asked, 10);
        some = feed(&asked, 1, 3000);
        assert_in_range(some, base + 100, 999);
        assert_int_equal(feed(&asked, 1, 4500), 1000);
        assert_in_range(pass(&asked, 2), base + 1, 600); /* after two milliseconds; the target is five */
        (void) pass(&asked, 10);
        assert_in_range(asked.state.level, base * 9 / 10, base);
}

/* A short latency halves the boost immediately, but not a boost that SPIKE has caused. */
static void test_slack_takes_back(void **state) {
        struct asked asked = asked_new(slack_decide), spike;
        uint32_t base;

        (void) state;
        (void) feed(&asked, 3000, 1000);
        base = pass(&asked, 10);
        spike = asked;
        assert_int_equal(feed(&asked, 1, 4500), 1000);
        asked.now_ns += MS / 2;
        assert_in_range(ask(&asked, POLICY_SAMPLE, 200), (1000 + base) / 2 - 2, (1000 + base) / 2 + 2);
        (void) ask(&spike, POLICY_SPIKE, 0);
        assert_int_equal(feed(&spike, 1, 200), 1000);
}

/* If the floor is higher than needed, the base is below it. A boost from such a base is lower, but the level is never below the
 * floor. */
static void test_slack_below_floor(void **state) {
        struct asked busy = asked_new(slack_decide), idle = busy;

        (void) state;
        busy.limits.floor = idle.limits.floor = 500;
        (void) feed(&busy, 10000, 4100);
        (void) feed(&idle, 10000, 200);
        assert_int_equal(pass(&idle, 10), 500);
        (void) pass(&busy, 10);
        assert_true(feed(&idle, 1, 2000) < feed(&busy, 1, 2000));
}

/* Latencies slightly above the target for half a window raise the base itself to the ceiling, from which it sinks slowly. */
static void test_slack_guard(void **state) {
        struct asked asked = asked_new(slack_decide);

        (void) state;
        (void) feed(&asked, 60000, 500);
        assert_int_equal(pass(&asked, 50), 100);
        (void) feed(&asked, 63 * 4, 5300);
        assert_in_range(pass(&asked, 50), 100, 300); /* not yet */
        (void) feed(&asked, 63 * 10, 5300);
        assert_int_equal(pass(&asked, 50), 1000);
        (void) feed(&asked, 2000, 500);
        assert_in_range(asked.state.level, 600, 1000);
        assert_int_equal(feed(&asked, 60000, 500), 100);
}

static void test_slack_spike_and_calm(void **state) {
        struct asked asked = asked_new(slack_decide), calm;
        uint32_t base = feed(&asked, 3000, 1000);

        (void) state;
        calm = asked;
        assert_int_equal(ask(&asked, POLICY_SPIKE, 0), 1000);
        assert_int_equal(pass(&asked, 19), 1000); /* almost four times the target */
        assert_in_range(pass(&asked, 50), 1, base);

        (void) ask(&calm, POLICY_SPIKE, 0);
        (void) ask(&calm, POLICY_CALM, 0);
        assert_true(pass(&calm, 10) < 1000); /* CALM ends the boost */
        (void) pass(&calm, 240);
        (void) pass(&asked, 181);
        assert_true(calm.state.level * 4 < asked.state.level * 3);
        (void) ask(&calm, POLICY_CALM, 0);
        (void) feed(&calm, 1, 6000); /* a late sample ends the effect of CALM */
        base = pass(&calm, 15);
        assert_in_range(pass(&calm, 60), base - base / 40 - 1, base + base / 4);
}

/* The estimate is hardly below the true percentile, and at most one bucket above it. */
static void test_slack_percentile(void **state) {
        static const uint32_t permilles[] = { 500, 900, 950, 990, 999 };

        (void) state;
        random_state = 3;
        for (size_t i = 0; i < sizeof(permilles) / sizeof(permilles[0]); i++) {
                struct asked asked = asked_new(slack_decide);
                uint32_t exact = 1000 + 40 * permilles[i] / 10;

                asked.target.permille = permilles[i];
                for (unsigned int n = 0; n < 4000; n++) /* 1000 to 5000 us, uniformly distributed */
                        (void) feed(&asked, 1, 1000 + (n * 7919) % 4000);
                assert_in_range(asked.state.estimate_us, exact * 97 / 100, exact * 116 / 100);
        }
}

/* There are more samples in half a window than a counter can count. */
static void test_slack_many_samples(void **state) {
        struct asked asked = asked_new(slack_decide);

        (void) state;
        asked.target.window_us = 60000000;
        asked.target.permille = 500;
        for (unsigned int n = 0; n < 300000; n++) {
                asked.now_ns += 50000;
                (void) ask(&asked, POLICY_SAMPLE, n % 5 < 3 ? 6000 : 1000);
                if (n > 100000)
                        assert_in_range(asked.state.estimate_us, 6000, 6800);
        }
}

/* Constant work, so that the latency is work / level: the latency settles clearly below the target. */
static void test_slack_finds_level(void **state) {
        (void) state;
        for (uint32_t work = 600000; work <= 4000000; work += 200000) {
                struct asked asked = asked_new(slack_decide);
                uint32_t latency_us = 0, highest = 0;

                for (unsigned int n = 0; n < 40000; n++) {
                        latency_us = work / (asked.state.level > 0 ? asked.state.level : 600);
                        (void) feed(&asked, 1, latency_us);
                        highest = n > 30000 && latency_us > highest ? latency_us : highest;
                }
                assert_in_range(highest, 5000 * 4 / 10, 4500);
        }
}

static void test_race(void **state) {
        struct asked asked = asked_new(race_decide);

        (void) state;
        assert_int_equal(ask(&asked, POLICY_TICK, 0), 100);
        assert_int_equal(feed(&asked, 1, 0), 1000);
        assert_int_equal(pass(&asked, 1000), 1000);
        assert_int_equal(ask(&asked, POLICY_CALM, 0), 100);
        assert_int_equal(ask(&asked, POLICY_SPIKE, 0), 1000);
}

static void test_step(void **state) {
        struct asked asked = asked_new(step_decide);

        (void) state;
        assert_int_equal(pass(&asked, 1), 600);
        assert_int_equal(feed(&asked, 1, 5001), 664);
        assert_int_equal(feed(&asked, 63, 5000), 664);
        assert_int_equal(feed(&asked, 1, 5000), 600);
        assert_int_equal(feed(&asked, 20, 9000), 1000);
        assert_int_equal(feed(&asked, 64 * 20 + 63, 10), 100);
        assert_int_equal(ask(&asked, POLICY_SPIKE, 0), 1000);
        assert_int_equal(feed(&asked, 63, 10), 1000); /* SPIKE restarts the count of good samples */
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_within_limits),
                cmocka_unit_test(test_monotone),
                cmocka_unit_test(test_stale),
                cmocka_unit_test(test_through_session),
                cmocka_unit_test(test_slack_slew),
                cmocka_unit_test(test_slack_sinks_slowly),
                cmocka_unit_test(test_slack_dead_band),
                cmocka_unit_test(test_slack_boost),
                cmocka_unit_test(test_slack_takes_back),
                cmocka_unit_test(test_slack_below_floor),
                cmocka_unit_test(test_slack_guard),
                cmocka_unit_test(test_slack_spike_and_calm),
                cmocka_unit_test(test_slack_percentile),
                cmocka_unit_test(test_slack_many_samples),
                cmocka_unit_test(test_slack_finds_level),
                cmocka_unit_test(test_race),
                cmocka_unit_test(test_step),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
