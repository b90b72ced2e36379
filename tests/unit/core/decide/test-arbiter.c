/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decide/arbiter: the rule is checked for all combinations in small ranges, and at the ends of large ranges. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/config/config-text-load.h"
#include "core/decide/arbiter.h"

/* -- holds -- */

static const char custom[] = "[profile quiet]\ninherits = power-saver\n[profile game]\ninherits = performance\n[profile plain]\n";

static struct config *load(void) {
        struct config *config = NULL;
        char *errors = NULL;

        assert_int_equal(config_load_text("custom", custom, strlen(custom), &config, &errors), 0);
        return config;
}

static void hold(struct requests *requests, const char *profile) {
        struct request *request;

        assert_int_equal(
                requests_add(requests, &(struct request){ .kind = REQUEST_PROFILE, .pidfd = -1, .profile = profile }, &request), 0);
}

static int rank_of(const char *profile) {
        static const char *const by_rank[][2] = { { "plain", "balanced" }, { "game", "performance" }, { "quiet", "power-saver" } };

        for (int rank = 0; rank < 3; rank++)
                if (strcmp(by_rank[rank][0], profile) == 0 || strcmp(by_rank[rank][1], profile) == 0)
                        return rank;
        return -1;
}

/* Every sequence of three holds: the hold with the highest rank among the available profiles counts; of equal ones, the
 * earliest. */
static void check_hold_rule(bool performance) {
        const bool available[PROFILE_BASE_COUNT] = { true, true, performance };
        static const char *const names[] = { "plain", "balanced", "game", "performance", "quiet", "power-saver", "gone" };
        struct config *config = load();

        for (unsigned int code = 0; code < 7 * 7 * 7; code++) {
                struct requests requests = {};
                const struct request *expected = NULL;

                for (unsigned int i = 0, rest = code; i < 3; i++, rest /= 7)
                        hold(&requests, names[rest % 7]);
                for (size_t i = 0; i < 3; i++)
                        if ((performance || rank_of(requests.items[i]->profile) != 1) &&
                            rank_of(requests.items[i]->profile) > (expected ? rank_of(expected->profile) : -1))
                                expected = requests.items[i];
                assert_ptr_equal(arbiter_hold(&requests, config, available), expected);
                requests_clear(&requests);
        }
        config_free(config);
}

static void test_hold_rule(void **state) {
        check_hold_rule(true);
        check_hold_rule(false);
}

static void test_no_hold(void **state) {
        const bool available[PROFILE_BASE_COUNT] = { true, true, true };
        struct config *config = load();
        struct requests requests = {};
        struct request *request;

        assert_null(arbiter_hold(&requests, config, available));
        assert_int_equal(requests_add(&requests, &(struct request){ .kind = REQUEST_LEVEL, .pidfd = -1, .floor = 5, .ceiling = 5 },
                                      &request),
                         0);
        assert_null(arbiter_hold(&requests, config, available));
        requests_clear(&requests);
        config_free(config);
}

/* -- levels -- */

/* Two CPUs in two packages, each with its own policy. */
static struct topology two_cpus(struct cpu *cpus, const struct cpu **index, uint32_t *packages) {
        for (uint32_t i = 0; i < 2; i++) {
                cpus[i] = (struct cpu){ .number = i, .package = i, .online = true, .facts = { .policy = i, .capacity = 1024 } };
                index[i] = &cpus[i];
                packages[i] = i;
        }
        return (struct topology){ .cpus = cpus,
                                  .n_cpus = 2,
                                  .packages = packages,
                                  .n_packages = 2,
                                  .by_policy = index,
                                  .n_policies = 2,
                                  .by_number = index,
                                  .n_numbers = 2 };
}

static void level(struct requests *requests, uint32_t scope, uint32_t domain, int floor, int ceiling) {
        const struct request template = {
                .kind = REQUEST_LEVEL, .pidfd = -1, .scope = scope, .domain = domain, .floor = floor, .ceiling = ceiling
        };
        struct request *request;

        assert_int_equal(requests_add(requests, &template, &request), 0);
}

/* Two requests with floors and ceilings from -1 to 3: the highest floor and the lowest ceiling win; a ceiling overrides a floor. */
static void test_levels_all_combinations(void **state) {
        struct cpu cpus[2];
        const struct cpu *index[2];
        uint32_t packages[2];
        const struct topology topology = two_cpus(cpus, index, packages);

        for (int code = 0; code < 5 * 5 * 5 * 5; code++) {
                int f1 = code % 5 - 1, c1 = code / 5 % 5 - 1, f2 = code / 25 % 5 - 1, c2 = code / 125 - 1;
                int floor = MAX(f1, f2), ceiling = c1 < 0 ? c2 : c2 < 0 ? c1 : MIN(c1, c2);
                struct requests requests = {};
                struct level_range range;

                level(&requests, GOV_SCOPE_NODE, 0, f1, c1);
                level(&requests, GOV_SCOPE_CPU, 1, f2, c2);
                arbiter_levels(&requests, &topology, GOV_SCOPE_CPU, 1, &range);
                assert_int_equal(range.ceiling, ceiling);
                assert_int_equal(range.floor, ceiling >= 0 ? MIN(floor, ceiling) : floor);
                assert_true(range.floor < 0 || range.ceiling < 0 || range.floor <= range.ceiling);
                assert_true(!range.floor_from == (range.floor < 0));
                assert_true(!range.ceiling_from == (range.ceiling < 0));
                arbiter_levels(&requests, &topology, GOV_SCOPE_CPU, 0, &range);
                assert_int_equal(range.ceiling, c1);
                assert_int_equal(range.floor, c1 >= 0 ? MIN(f1, c1) : f1);
                requests_clear(&requests);
        }
}

/* A request for one domain affects a knob of another domain exactly if they share a CPU. */
static void test_levels_reach(void **state) {
        static const uint32_t scopes[] = { GOV_SCOPE_PACKAGE, GOV_SCOPE_POLICY, GOV_SCOPE_CPU };
        struct cpu cpus[2];
        const struct cpu *index[2];
        uint32_t packages[2];
        const struct topology topology = two_cpus(cpus, index, packages);

        for (size_t a = 0; a < 3; a++)
                for (size_t b = 0; b < 3; b++)
                        for (uint32_t domain = 0; domain < 2; domain++) {
                                struct requests requests = {};
                                struct level_range range;

                                level(&requests, scopes[a], 1, 7, -1);
                                arbiter_levels(&requests, &topology, scopes[b], domain, &range);
                                assert_int_equal(range.floor, domain == 1 ? 7 : -1);
                                requests_clear(&requests);
                        }
}

static void test_device_levels_touch_no_cpu(void **state) {
        struct cpu cpus[2];
        const struct cpu *index[2];
        uint32_t packages[2];
        const struct topology topology = two_cpus(cpus, index, packages);
        struct requests requests = {};
        struct level_range range;

        level(&requests, GOV_SCOPE_GPU, 0, 7, 9);
        level(&requests, GOV_SCOPE_DEVICE, 1, 7, 9);
        arbiter_levels(&requests, &topology, GOV_SCOPE_CPU, 0, &range);
        assert_int_equal(range.floor, -1);
        arbiter_levels(&requests, &topology, GOV_SCOPE_CPU, 9, &range);
        assert_int_equal(range.ceiling, -1);
        requests_clear(&requests);
}

/* -- levels as frequencies -- */

static void test_khz_is_monotone_and_clamped(void **state) {
        static const uint32_t capacities[] = { 1, 2, 381, 446, 1023, 1024 };

        for (size_t c = 0; c < ARRAY_SIZE(capacities); c++) {
                const struct gov_cpu_facts cpu = { .capacity = capacities[c], .min_khz = 400000, .max_khz = 3700001 };
                int64_t last = 0;

                for (int l = 0; l <= LEVEL_MAX; l++) {
                        int64_t khz = arbiter_level_to_khz(&cpu, l);

                        assert_true(khz >= last && khz >= 400000 && khz <= 3700001);
                        if (l <= (int) capacities[c]) /* not less than requested */
                                assert_true(khz * capacities[c] >= (int64_t) cpu.max_khz * l);
                        else
                                assert_int_equal(khz, cpu.max_khz);
                        last = khz;
                }
        }
}

static void test_khz_with_absurd_facts(void **state) {
        static const uint64_t frequencies[] = { 0, 1, INT64_MAX, UINT64_MAX / 1025, UINT64_MAX / 1025 + 1, UINT64_MAX };

        for (size_t a = 0; a < ARRAY_SIZE(frequencies); a++)
                for (size_t b = 0; b < ARRAY_SIZE(frequencies); b++)
                        for (int l = -1; l <= LEVEL_MAX; l += 205) {
                                const struct gov_cpu_facts cpu = { .capacity = 1,
                                                                   .min_khz = frequencies[a],
                                                                   .max_khz = frequencies[b] };
                                int64_t khz = arbiter_level_to_khz(&cpu, l);

                                assert_true(khz >= -1);
                                assert_true(khz < 0 || (uint64_t) khz <= cpu.max_khz);
                        }
        assert_int_equal(arbiter_level_to_khz(NULL, 5), -1);
        assert_int_equal(arbiter_level_to_khz(&(struct gov_cpu_facts){ .capacity = 0, .max_khz = 5 }, 5), -1);
}

/* -- one limit -- */

static void check_limit(int64_t profile, int64_t floor, int64_t ceiling, int64_t now) {
        enum limiter by_min, by_max;
        int64_t min = arbiter_limit(true, profile, floor, ceiling, now, &by_min);
        int64_t max = arbiter_limit(false, profile, floor, ceiling, now, &by_max);

        if (ceiling >= 0) {
                assert_true(min <= ceiling && (min >= 0 || now <= ceiling)); /* a ceiling overrides a floor */
                assert_true(max <= ceiling && (max >= 0 || now <= ceiling));
                assert_true(profile >= 0 || max <= now); /* a ceiling never raises a limit */
        }
        if (floor >= 0 && ceiling < 0)
                assert_true(min >= floor);
        if (floor >= 0 && ceiling >= 0)
                assert_true(min >= MIN(floor, ceiling));
        if (floor < 0 && ceiling < 0) { /* without a request, the profile's value counts */
                assert_int_equal(min, profile);
                assert_int_equal(max, profile);
        }
        assert_true((by_min == LIMITER_NONE) == (min < 0));
        assert_true((by_max == LIMITER_NONE) == (max < 0));
        assert_true(by_max != LIMITER_FLOOR);
        assert_true(by_min != LIMITER_PROFILE || min == profile);
}

static void test_limit_all_combinations(void **state) {
        for (int64_t profile = -1; profile < 5; profile++)
                for (int64_t floor = -1; floor < 5; floor++)
                        for (int64_t ceiling = -1; ceiling < 5; ceiling++)
                                for (int64_t now = 0; now < 5; now++)
                                        check_limit(profile, floor, ceiling, now);
}

/* A higher floor never lowers the limit, and a lower ceiling never raises it. */
static void test_limit_is_monotone(void **state) {
        enum limiter by;

        for (int64_t profile = -1; profile < 4; profile++)
                for (int64_t floor = -1; floor < 4; floor++)
                        for (int64_t ceiling = 0; ceiling < 4; ceiling++) {
                                int64_t min = arbiter_limit(true, profile, floor, ceiling, 4, &by);
                                int64_t max = arbiter_limit(false, profile, floor, ceiling, 4, &by);

                                assert_true(arbiter_limit(true, profile, floor + 1, ceiling, 4, &by) >= MIN(min, ceiling) ||
                                            floor < 0); /* at -1 the former value counts */
                                assert_true(arbiter_limit(true, profile, floor, ceiling + 1, 4, &by) >= min || profile < 0);
                                assert_true(arbiter_limit(false, profile, floor, ceiling + 1, 4, &by) >= max ||
                                            ceiling + 1 == 4); /* 4 is the former value */
                        }
}

static void test_limit_at_the_ends(void **state) {
        static const int64_t ends[] = { -1, 0, 1, INT64_MAX - 1, INT64_MAX };

        for (size_t a = 0; a < 5; a++)
                for (size_t b = 0; b < 5; b++)
                        for (size_t c = 0; c < 5; c++)
                                for (size_t d = 1; d < 5; d++)
                                        check_limit(ends[a], ends[b], ends[c], ends[d]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hold_rule),
                cmocka_unit_test(test_no_hold),
                cmocka_unit_test(test_levels_all_combinations),
                cmocka_unit_test(test_levels_reach),
                cmocka_unit_test(test_device_levels_touch_no_cpu),
                cmocka_unit_test(test_khz_is_monotone_and_clamped),
                cmocka_unit_test(test_khz_with_absurd_facts),
                cmocka_unit_test(test_limit_all_combinations),
                cmocka_unit_test(test_limit_is_monotone),
                cmocka_unit_test(test_limit_at_the_ends),
        };

        return cmocka_run_group_tests_name("arbiter", tests, NULL, NULL);
}
