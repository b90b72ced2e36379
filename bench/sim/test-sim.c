/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that the simulator is deterministic and plausible, and that the default policy keeps its target on the load "burst".
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "bench/sim/clairvoyant.h"
#include "bench/sim/world.h"

#define SECOND_NS UINT64_C(1000000000)

static struct outcome run(const char *load_name, const char *controller, uint32_t target_us, uint64_t seed) {
        struct load load;
        struct outcome outcome;
        struct setup setup = { .load = &load,
                               .machine = machine_find("server"),
                               .controller = control_find(controller),
                               .target = { .target_us = target_us, .permille = 990, .window_us = 1000000, .stale_us = 2000000 },
                               .warm_up_ns = 2 * SECOND_NS };

        setup.rung = setup.controller->rung;
        assert_int_equal(load_make(&load, load_name, seed, 12 * SECOND_NS, NULL), 0);
        assert_int_equal(world_run(&setup, &outcome), 0);
        load_clear(&load);
        return outcome;
}

static void test_deterministic(void **state) {
        static const char *const controllers[] = { "slack", "schedutil", "epp-balance-perf", "loop-50ms" };

        (void) state;
        for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
                struct outcome first = run("burst", controllers[i], 5000, 3), second = run("burst", controllers[i], 5000, 3);
                struct outcome other = run("burst", controllers[i], 5000, 4);

                assert_int_equal(first.n, second.n);
                assert_memory_equal(first.latencies_us, second.latencies_us, first.n * sizeof(*first.latencies_us));
                assert_true(first.core_mj == second.core_mj && first.total_mj == second.total_mj);
                assert_false(first.core_mj == other.core_mj);
                outcome_clear(&first);
                outcome_clear(&second);
                outcome_clear(&other);
        }
}

/* Without waiting in the queue, the latency is the service time plus the time to wake up. */
static void test_light_load(void **state) {
        struct outcome fast = run("frame", "performance", 16000, 1), slow = run("frame", "powersave", 16000, 1);

        (void) state;
        assert_in_range(outcome_percentile(&fast, 500), 5900, 6500); /* 6 ms median, and 133 us to wake up */
        assert_true(outcome_percentile(&slow, 500) > 4 * outcome_percentile(&fast, 500) / 2);
        assert_true(fast.busy > 0.3 && fast.busy < 0.45);
        outcome_clear(&fast);
        outcome_clear(&slow);
}

static void test_energy_order(void **state) {
        struct outcome fast = run("burst", "performance", 5000, 1), slow = run("burst", "powersave", 5000, 1);
        struct outcome race = run("burst", "race", 5000, 1);

        (void) state;
        assert_true(fast.core_mj > slow.core_mj && fast.total_mj > slow.total_mj);
        assert_true(fast.total_mj > fast.core_mj);
        assert_true(race.total_mj <= fast.total_mj * 1.01);
        assert_true(outcome_percentile(&fast, 990) < outcome_percentile(&slow, 990));
        outcome_clear(&fast);
        outcome_clear(&slow);
        outcome_clear(&race);
}

/*
 * "slack" keeps a target of twice the p99 of "performance", and saves at least a fifth of the energy. This leaves some margin for
 * later changes of the constants.
 */
static void test_slack(void **state) {
        (void) state;
        for (uint64_t seed = 21; seed < 24; seed++) {
                struct outcome fast = run("burst", "performance", 1, seed), slack;
                uint32_t target_us = 2 * outcome_percentile(&fast, 990);

                slack = run("burst", "slack", target_us, seed);
                assert_true(outcome_percentile(&slack, 990) <= target_us);
                assert_true(slack.total_mj < 0.8 * fast.total_mj);
                outcome_clear(&fast);
                outcome_clear(&slack);
        }
}

/* "clairvoyant" needs the least energy, and keeps the target if that is possible. */
static void test_clairvoyant(void **state) {
        struct load load;
        struct outcome known, unknown;
        struct setup setup = { .load = &load,
                               .machine = machine_find("server"),
                               .controller = control_find("slack"),
                               .target = { .target_us = 5500, .permille = 990, .window_us = 1000000, .stale_us = 2000000 } };

        (void) state;
        assert_int_equal(load_make(&load, "burst", 1, SECOND_NS, NULL), 0);
        assert_int_equal(world_run(&setup, &unknown), 0);
        assert_int_equal(clairvoyant_run(&setup, &known), 0);
        assert_int_equal(known.n, unknown.n);
        assert_true(outcome_percentile(&known, 990) <= 5500);
        assert_true(known.violations > 0); /* it uses the share of late requests that the target allows */
        assert_true(known.total_mj < 0.95 * unknown.total_mj);
        outcome_clear(&known);
        setup.target.target_us = 1;
        assert_int_equal(clairvoyant_run(&setup, &known), 0);
        assert_int_equal(known.violations, known.n);
        outcome_clear(&known);
        outcome_clear(&unknown);
        load_clear(&load);
}

static void test_refusals(void **state) {
        struct load load;

        (void) state;
        assert_int_equal(load_make(&load, "nonsense", 1, SECOND_NS, NULL), -EINVAL);
        assert_int_equal(load_make(&load, "trace", 1, SECOND_NS, NULL), -ENOENT);
        assert_int_equal(load_make(&load, "trace", 1, SECOND_NS, "/dev/null"), -EBADMSG);
        assert_null(machine_find("nonsense"));
        assert_null(control_find("nonsense"));
}

/* Checks the tables: a faster step has a higher power, and the level of a step selects this step. */
static void test_machines(void **state) {
        (void) state;
        for (size_t i = 0; i < machine_count(); i++) {
                const struct machine *machine = machine_get(i);
                uint32_t steps = machine_steps(machine);

                assert_true(steps >= 3 && machine->efficient < steps);
                assert_int_equal(machine_level(machine, steps - 1), 1024);
                assert_int_equal(machine_step_for(machine, 0), 0);
                for (uint32_t step = 0; step < steps; step++) {
                        assert_int_equal(machine_step_for(machine, machine_level(machine, step)), step);
                        assert_true(step == 0 || machine_busy_mw(machine, step, 0.3) > machine_busy_mw(machine, step - 1, 0.3));
                }
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_deterministic), cmocka_unit_test(test_light_load),  cmocka_unit_test(test_energy_order),
                cmocka_unit_test(test_slack),         cmocka_unit_test(test_clairvoyant), cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_machines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
