/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floor frequencies of AMD servers: there are never more different values than the hardware supports. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/amd/floor.h"
#include "tests/unit/small-root.h"

#define POLICY_DIR   "sys/devices/system/cpu/cpufreq/policy%u/"
#define MAX_POLICIES 8

static const struct gov_knob_row rows[] = {
        { "floor-freq", "floor", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_ROUNDS },
        { "floor-count", "count", GOV_SCOPE_NODE, GOV_UNIT_NUMBER, GOV_ORDER_LIMIT, GOV_KNOB_SENSOR },
};
static const struct gov_driver driver = { .n_rows = 2, .rows = rows };

struct fake_machine {
        struct small_root root;
        struct floors floors;
        struct knobset set;
        uint32_t n;
};

static void put(const struct fake_machine *m, uint32_t policy, const char *file, const char *text) {
        char path[160];

        (void) snprintf(path, sizeof(path), POLICY_DIR "%s", policy, file);
        small_root_write(&m->root, path, text);
}

static long floor_of(const struct fake_machine *m, uint32_t policy) {
        char path[160];

        (void) snprintf(path, sizeof(path), POLICY_DIR "amd_pstate_floor_freq", policy);
        return atol(small_root_read(&m->root, path));
}

static void put_policy(const struct fake_machine *m, uint32_t policy, const char *count, uint32_t threads) {
        char path[160], list[32];

        put(m, policy, "amd_pstate_floor_freq", "1000000");
        put(m, policy, "amd_pstate_floor_count", count);
        put(m, policy, "amd_pstate_max_freq", "4000000");
        put(m, policy, "amd_pstate_highest_perf", "200");
        put(m, policy, "cpuinfo_min_freq", "600000");
        put(m, policy, "cpuinfo_max_freq", "4000000");
        (void) snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", policy);
        (void) snprintf(list, sizeof(list), "%u-%u", policy / threads * threads, policy / threads * threads + threads - 1);
        small_root_write(&m->root, path, list);
}

/* Makes `n` policies; `threads` adjacent ones share a core. */
static void machine_make(struct fake_machine *m, uint32_t n, const char *count, uint32_t threads) {
        small_root_make(&m->root);
        m->n = n;
        floors_init(&m->floors, &m->root.host);
        assert_int_equal(knobset_init(&m->set, &driver, &m->root.host, NULL), 0);
        for (uint32_t i = 0; i < n; i++)
                put_policy(m, i, count, threads);
        for (uint32_t i = 0; i < n; i++)
                assert_int_equal(floors_add_policy(&m->floors, i), 0);
        assert_int_equal(floors_add_knobs(&m->floors, &m->set, 0, 1), 0);
}

static void machine_remove(struct fake_machine *m) {
        knobset_done(&m->set);
        floors_done(&m->floors);
        small_root_remove(&m->root);
}

static uint32_t count_different(const struct fake_machine *m) {
        struct floor_levels levels = { .n = 0 };

        for (uint32_t i = 0; i < m->n; i++)
                floor_levels_add(&levels, floor_of(m, i), m->floors.step);
        return levels.n;
}

static void test_picks_up_then_down(void **state) {
        struct floor_levels levels = { .n = 0 };

        (void) state;
        assert_int_equal(floor_levels_pick(&levels, 5, 100), 5);
        floor_levels_add(&levels, 1000, 100);
        floor_levels_add(&levels, 2000, 100);
        floor_levels_add(&levels, 2099, 100); /* within the tolerance of the one before */
        assert_int_equal(levels.n, 2);
        assert_int_equal(floor_levels_pick(&levels, 1000, 100), 1000);
        assert_int_equal(floor_levels_pick(&levels, 1099, 100), 1000);
        assert_int_equal(floor_levels_pick(&levels, 1100, 100), 2000);
        assert_int_equal(floor_levels_pick(&levels, 500, 100), 1000);
        assert_int_equal(floor_levels_pick(&levels, 9000, 100), 2000);
}

static void test_one_instance_for_all_threads(void **state) {
        struct gov_instance instance;
        struct fake_machine m;

        (void) state;
        machine_make(&m, 8, "4", 2);
        assert_int_equal(knobset_count(&m.set, 0), 4);
        assert_int_equal(knobset_count(&m.set, 1), 1);
        assert_int_equal(knobset_describe(&m.set, 0, 1, &instance), 0);
        assert_int_equal(instance.domain, 2);
        assert_int_equal(instance.step, 20001);
        assert_int_equal(floors_write(&m.floors, 2, "2000000"), 0);
        assert_int_equal(floor_of(&m, 2), 2000000);
        assert_int_equal(floor_of(&m, 3), 2000000);
        assert_int_equal(floor_of(&m, 1), 1000000);
        assert_int_equal(floor_of(&m, 4), 1000000);
        machine_remove(&m);
}

static void test_no_limit_when_count_is_zero(void **state) {
        struct fake_machine m;
        char text[16];

        (void) state;
        machine_make(&m, 8, "0", 1);
        for (uint32_t i = 0; i < 8; i++) {
                (void) snprintf(text, sizeof(text), "%u", 1000000 + i * 100000);
                assert_int_equal(floors_write(&m.floors, i, text), 0);
        }
        assert_int_equal(count_different(&m), 8);
        machine_remove(&m);
}

static void test_one_too_many_takes_a_neighbour(void **state) {
        struct fake_machine m;

        (void) state;
        machine_make(&m, 6, "3", 1);
        assert_int_equal(floors_write(&m.floors, 0, "2000000"), 0);
        assert_int_equal(floors_write(&m.floors, 1, "3000000"), 0);
        assert_int_equal(floors_write(&m.floors, 2, "2500000"), 0);
        assert_int_equal(floor_of(&m, 2), 3000000); /* not below the requested value */
        assert_int_equal(floors_write(&m.floors, 3, "3900000"), 0);
        assert_int_equal(floor_of(&m, 3), 3000000);                 /* the highest present value */
        assert_int_equal(floors_write(&m.floors, 4, "2010000"), 0); /* within the rounding of the hardware */
        assert_int_equal(floor_of(&m, 4), 2000000);
        assert_int_equal(count_different(&m), 3);
        assert_int_equal(floor_of(&m, 5), 1000000);
        machine_remove(&m);
}

/* Regardless of the order of the writes of a switch, all policies have their requested values in the end. */
static void test_switch_of_all_arrives(void **state) {
        static const char *const counts[] = { "1", "2", "3" };

        (void) state;
        for (size_t c = 0; c < 3; c++) {
                struct fake_machine m;

                machine_make(&m, 8, counts[c], 2);
                for (uint32_t i = 0; i < 8; i += 2)
                        assert_int_equal(floors_write(&m.floors, i, i < 4 ? "1500000" : "1600000"), 0);
                for (uint32_t i = 0; i < 8; i += 2)
                        assert_int_equal(floors_write(&m.floors, i, "2200000"), 0);
                for (uint32_t i = 0; i < 8; i++)
                        assert_int_equal(floor_of(&m, i), 2200000);
                machine_remove(&m);
        }
}

static void test_wish_waits_for_room(void **state) {
        struct fake_machine m;

        (void) state;
        machine_make(&m, 3, "2", 1);
        assert_int_equal(floors_write(&m.floors, 0, "2000000"), 0);
        assert_int_equal(floors_write(&m.floors, 1, "3000000"), 0); /* waits, because 2000000 and 1000000 are in force */
        assert_int_equal(floor_of(&m, 1), 2000000);
        assert_int_equal(floors_write(&m.floors, 2, "2000000"), 0); /* leaves only one other value */
        assert_int_equal(floor_of(&m, 1), 3000000);
        assert_int_equal(floor_of(&m, 0), 2000000);
        machine_remove(&m);
}

static void test_wish_ends_when_another_program_writes(void **state) {
        struct fake_machine m;

        (void) state;
        machine_make(&m, 3, "2", 1);
        assert_int_equal(floors_write(&m.floors, 0, "2000000"), 0);
        assert_int_equal(floors_write(&m.floors, 1, "3000000"), 0);
        put(&m, 1, "amd_pstate_floor_freq", "1000000");
        assert_int_equal(floors_write(&m.floors, 2, "2000000"), 0);
        assert_int_equal(floor_of(&m, 1), 1000000);
        machine_remove(&m);
}

static void test_refuses(void **state) {
        struct fake_machine m;

        (void) state;
        machine_make(&m, 2, "2", 1);
        assert_int_equal(floors_write(&m.floors, 7, "2000000"), -EOPNOTSUPP);
        assert_int_equal(floors_write(&m.floors, 0, "fast"), -EINVAL);
        assert_int_equal(floors_write(&m.floors, 0, "-5"), -EINVAL);
        assert_int_equal(floors_write(&m.floors, 0, "0"), -EINVAL);
        put(&m, 1, "amd_pstate_floor_freq", "<unsupported>"); /* a policy that cannot be read does not prevent the write */
        assert_int_equal(floors_write(&m.floors, 0, "2000000"), 0);
        assert_int_equal(floor_of(&m, 0), 2000000);
        machine_remove(&m);
}

static void test_old_kernel_has_none(void **state) {
        struct fake_machine m;

        (void) state;
        machine_make(&m, 0, "2", 1);
        assert_int_equal(floors_add_policy(&m.floors, 0), 0);
        assert_int_equal(floors_add_knobs(&m.floors, &m.set, 0, 1), 0);
        assert_int_equal(knobset_count(&m.set, 0), 0);
        assert_int_equal(floors_write(&m.floors, 0, "2000000"), -EOPNOTSUPP);
        machine_remove(&m);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_picks_up_then_down),
                cmocka_unit_test(test_one_instance_for_all_threads),
                cmocka_unit_test(test_no_limit_when_count_is_zero),
                cmocka_unit_test(test_one_too_many_takes_a_neighbour),
                cmocka_unit_test(test_switch_of_all_arrives),
                cmocka_unit_test(test_wish_waits_for_room),
                cmocka_unit_test(test_wish_ends_when_another_program_writes),
                cmocka_unit_test(test_refuses),
                cmocka_unit_test(test_old_kernel_has_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
