/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels that sessions request become frequency limits of the CPUs, within the bounds of profile and requests. The limits are
 * restored completely when sessions become inactive, and when the service ends or is killed. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

#define MIN_FREQ POLICY "scaling_min_freq"
#define MAX_FREQ POLICY "scaling_max_freq"

static void demand(uint32_t cpu, int floor, int ceiling) {
        manager_set_demands(t.manager, &(struct cpu_demand){ .cpu = cpu, .floor = floor, .ceiling = ceiling }, 1);
}

static void test_floor(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        demand(1, 512, -1);
        check_file(in_root(MIN_FREQ, 1), "2100000");
        check_file(in_root(MIN_FREQ, 0), "400000");
        demand(1, 1024, -1);
        check_file(in_root(MIN_FREQ, 1), "4200000");
        check_file(in_root(MAX_FREQ, 1), "4200000");
        demand(1, -1, -1);
        check_file(in_root(MIN_FREQ, 1), "400000");
        demand(3, 700, 700);
        end();
        check_unchanged(before, false);
}

/* A session's ceiling does not limit the floor of another request. */
static void test_ceiling(void **state) {
        uint32_t cookie;

        laptop();
        demand(2, 256, 256);
        check_file(in_root(MAX_FREQ, 2), "1050000");
        check_file(in_root(MIN_FREQ, 2), "1050000");
        assert_int_equal(level(GOV_SCOPE_CPU, 2, 512, -1, &cookie), 0);
        check_file(in_root(MAX_FREQ, 2), "2100000"); /* the floor of another request counts */
        check_file(in_root(MIN_FREQ, 2), "2100000");
        demand(2, 256, -1);
        check_file(in_root(MAX_FREQ, 2), "4200000");
}

/* The administrator's ceiling overrides the floors of all sessions. */
static void test_within_requests(void **state) {
        struct message message;

        laptop();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 512, "a test", &message), 0);
        demand(1, 1024, -1);
        check_file(in_root(MIN_FREQ, 1), "2100000");
        check_file(in_root(MAX_FREQ, 1), "2100000");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, -1, "a test", &message), 0);
        check_file(in_root(MIN_FREQ, 1), "4200000"); /* a switch does not change it */
        assert_int_equal(select_profile("power-saver"), 0);
        check_file(in_root(MIN_FREQ, 1), "4200000");
        demand(1, -1, -1);
        check_file(in_root(MIN_FREQ, 1), "400000");
}

/* CPUs that share a policy: the highest floor counts, and a ceiling only if each of them has one. */
static void test_shared_policy(void **state) {
        make("cpufreq-dt-board", NULL);
        start();
        demand(0, 1024, 1024);
        demand(1, 300, 300);
        check_file(in_root(MIN_FREQ, 0), "1500000");
        demand(0, -1, -1);
        demand(1, 300, -1);
        check_file(in_root(MAX_FREQ, 0), "1500000");
        for (uint32_t cpu = 0; cpu < 4; cpu++)
                demand(cpu, 512, 512);
        check_file(in_root(MAX_FREQ, 0), "750000");
        demand(3, -1, -1);
        check_file(in_root(MAX_FREQ, 0), "1500000");
}

/* Returns the number of lines of this kind in the ledger. */
static int ledger_lines(char kind) {
        _cleanup_free_ char *text = scratch_read(scratch_path(t.run, "ledger"), NULL);
        int n = 0;

        assert_non_null(text);
        for (const char *line = text; (line = strchr(line, '\n')) && *++line;)
                n += line[0] == kind;
        return n;
}

/* If a session has threads on several CPUs of a policy, the policy's limit is written once, not once for each CPU. */
static void test_shared_policy_is_written_once(void **state) {
        struct cpu_demand demands[4];

        make("cpufreq-dt-board", NULL);
        start();
        for (uint32_t cpu = 0; cpu < 4; cpu++)
                demands[cpu] = (struct cpu_demand){ .cpu = cpu, .floor = 1024, .ceiling = -1 };
        assert_int_equal(ledger_lines('w'), 0);
        manager_set_demands(t.manager, demands, 4);
        check_file(in_root(MIN_FREQ, 0), "1500000");
        assert_int_equal(ledger_lines('o'), 1);
        assert_int_equal(ledger_lines('w'), 1);
}

#define WAKE "sys/devices/system/cpu/cpu%d/power/pm_qos_resume_latency_us"

static void demand_target(uint32_t cpu, int floor, uint32_t target_us) {
        manager_set_demands(t.manager, &(struct cpu_demand){ .cpu = cpu, .floor = floor, .ceiling = -1, .target_us = target_us },
                            1);
}

/* The limit on idle exit latency is a twentieth of the latency target. There is no limit if all idle states are fast enough, or if
 * sessions are inactive. */
static void test_wake_limit(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        demand_target(1, 512, 2000);
        check_file(in_root(WAKE, 1), "100");
        check_file(in_root(WAKE, 0), "0");
        demand_target(1, 512, 10); /* not below the latency of the shallowest state */
        check_file(in_root(WAKE, 1), "1");
        demand_target(1, 512, 1000000);
        check_file(in_root(WAKE, 1), "0");
        demand_target(1, 512, 2000);
        assert_int_equal(select_profile("performance"), 0); /* does not change the limit */
        check_file(in_root(WAKE, 1), "100");
        demand(1, -1, -1);
        check_file(in_root(WAKE, 1), "0");
        demand_target(1, 512, 2000);
        end();
        check_unchanged(before, false);
}

/* A shorter limit of the profile, and the value "n/a", are not changed. */
static void test_wake_limit_of_profile(void **state) {
        configure("[profile power-saver]\nplatform.resume-latency = 20\n");
        make("intel-client-hwp", NULL);
        put(in_root(WAKE, 3), "n/a");
        start();
        assert_int_equal(select_profile("power-saver"), 0);
        check_file(in_root(WAKE, 2), "20");
        demand_target(2, 512, 2000);
        check_file(in_root(WAKE, 2), "20");
        demand_target(2, 512, 200);
        check_file(in_root(WAKE, 2), "10");
        demand(2, -1, -1);
        check_file(in_root(WAKE, 2), "20");
        assert_int_equal(select_profile("balanced"), 0);
        demand_target(3, 512, 2000);
        check_file(in_root(WAKE, 3), "n/a");
}

/* -- other programs, while sessions are active -- */

/* While a session is active, writes of other programs to limits of other CPUs are noticed: the limit is restored, or shown as
 * yielded. */
static void foreign_write_elsewhere(const char *drift, enum knob_state state, const char *value) {
        struct message message;

        configure(drift);
        laptop();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 600, "a test", &message), 0);
        loop_drain(t.event);
        demand(0, 300, -1);
        wait_certain();
        demand(0, 320, -1); /* the service writes just before the other program */
        foreign_write(in_root(MAX_FREQ, 7), "4200000");
        check_knob("max-freq", 7, state, value);
        check_file(in_root(MAX_FREQ, 7), value);
        assert_string_equal(find_knob_of("max-freq", 7)->wanted, "2460938");
        assert_int_equal(select_profile("performance"), 0);
        check_file(in_root(MAX_FREQ, 7), "2460938");
        check_file(in_root(MIN_FREQ, 0), "1312500");
}

static void test_foreign_write_elsewhere_is_yielded_to(void **state) {
        foreign_write_elsewhere("[governord]\ndrift = yield\n", KNOB_YIELDED, "4200000");
}

static void test_foreign_write_elsewhere_is_put_back(void **state) {
        foreign_write_elsewhere("[governord]\ndrift = reassert\n", KNOB_OK, "2460938");
}

/* The same on the CPU of the session, shortly after a write of the service. */
static void test_foreign_write_on_the_same_cpu(void **state) {
        laptop();
        demand(2, 512, -1);
        loop_drain(t.event);
        foreign_write(in_root(MIN_FREQ, 2), "900000");
        wait_certain();
        if (watch_knows_writers(t.manager->watch)) {
                check_knob("min-freq", 2, KNOB_YIELDED, "900000");
                demand(2, 256, -1);
                check_file(in_root(MIN_FREQ, 2), "900000");
        } else
                print_message(
                        "fanotify is not available: who wrote is not known, and a write a moment after our own is not checked\n");
        assert_int_equal(select_profile("balanced"), 0);
        demand(2, 300, -1);
        check_file(in_root(MIN_FREQ, 2), "1230469");
        wait_certain();
        check_knob("min-freq", 2, KNOB_OK, "1230469");
        foreign_write(in_root(MIN_FREQ, 2), "950000"); /* long after the service's own write */
        check_knob("min-freq", 2, KNOB_YIELDED, "950000");
        demand(2, -1, -1);
        end();
        check_file(in_root(MIN_FREQ, 2), "950000");
}

/* Values that demands write are read back later. A knob that has another value is shown as failed. */
static void test_kernel_chooses_another_value(void **state) {
        laptop();
        for (int round = 0; round < 2; round++) {
                demand(1, 512, -1);
                check_knob("min-freq", 1, KNOB_OK, "2100000");
                put(in_root(MIN_FREQ, 1), "2000000"); /* like a change by the kernel, since writes of this process cause no event */
                wait_certain();
                check_knob("min-freq", 1, KNOB_FAILED, "2000000");
                assert_true(manager_degraded(t.manager) & DEGRADED_KNOBS);
                demand(1, 300, -1);
                wait_certain();
                check_knob("min-freq", 1, KNOB_OK, "1230469");
                assert_false(manager_degraded(t.manager) & DEGRADED_KNOBS);
        }
        demand(1, -1, -1);
        check_file(in_root(MIN_FREQ, 1), "400000");
}

/* A demand shortly after the end of the last one: the original value is the one that was restored, although the kernel still shows
 * the former limit. */
static void test_original_while_the_kernel_is_behind(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        demand(1, 512, -1);
        demand(1, -1, -1);
        put(in_root(MIN_FREQ, 1), "2100000");
        demand(1, 300, -1);
        assert_string_equal(find_knob_of("min-freq", 1)->original, "400000");
        put(in_root(MIN_FREQ, 1), "400000"); /* the kernel has applied the value now */
        end();
        check_unchanged(before, false);
}

static struct cpu_bounds told[16];
static size_t n_told;

static void on_bounds(const struct cpu_bounds *bounds, size_t n, void *userdata) {
        assert_true(n <= ARRAY_SIZE(told));
        memcpy(told, bounds, n * sizeof(*told));
        n_told = n;
}

static void check_told(uint32_t of_cpu_1, uint32_t of_others) {
        assert_int_equal(n_told, 8);
        for (uint32_t i = 0; i < 8; i++) {
                assert_int_equal(told[i].cpu, i);
                assert_int_equal(told[i].floor, 0);
                assert_int_equal(told[i].ceiling, i == 1 ? of_cpu_1 : of_others);
        }
        n_told = 0;
}

/* The levels that the administrator allows on each CPU are passed to policies, only when they change. */
static void test_bounds_are_told(void **state) {
        struct message message;

        laptop();
        manager_follow_bounds(t.manager, on_bounds, NULL);
        assert_int_equal(n_told, 0); /* no change yet */
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, 300, "a test", &message), 0);
        check_told(300, 1024);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 512, "a test", &message), 0);
        check_told(300, 512);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 512, "a test", &message), 0);
        assert_int_equal(n_told, 0);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, -1, "a test", &message), 0);
        check_told(512, 512);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, -1, "a test", &message), 0);
        check_told(1024, 1024);
}

static void test_nonsense(void **state) {
        struct snapshot *before;

        laptop();
        before = take_snapshot();
        demand(4095, 512, -1);
        demand(UINT32_MAX, 512, -1);
        check_unchanged(before, false);
        demand(0, 99999, -1);
        check_file(in_root(MIN_FREQ, 0), "4200000");
        demand(0, -77, -2);
        check_file(in_root(MIN_FREQ, 0), "400000");
}

static bool demand_up_to_512(void) {
        for (int i = 32; i <= 1024; i += 32)
                demand(5, i, -1);
        demand(5, 512, -1);
        return true;
}

/* After kill -9, the next start restores the original value. */
static void test_killed(void **state) {
        make("intel-client-hwp", NULL);
        start_and_kill(demand_up_to_512);
        check_file(in_root(MIN_FREQ, 5), "2100000");
        start();
        check_file(in_root(MIN_FREQ, 5), "400000");
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_floor),
                TEST(test_ceiling),
                TEST(test_within_requests),
                TEST(test_shared_policy),
                TEST(test_shared_policy_is_written_once),
                TEST(test_bounds_are_told),
                TEST(test_wake_limit),
                TEST(test_wake_limit_of_profile),
                TEST(test_foreign_write_elsewhere_is_yielded_to),
                TEST(test_foreign_write_elsewhere_is_put_back),
                TEST(test_foreign_write_on_the_same_cpu),
                TEST(test_kernel_chooses_another_value),
                TEST(test_original_while_the_kernel_is_behind),
                TEST(test_nonsense),
                TEST(test_killed),
        };

        return take_arguments(argv[0], argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
