/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decide/plan and core/machine/knob: order, profile lines, levels, and knobs without a target. Planning writes nothing. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/decide/plan.h"
#include "tests/unit/fake-machine.h"

static struct fake_machine m;
static struct requests requests;
static struct plan_input input;

/* The targets of the last plan. */
static struct planned {
        struct knob *knob;
        struct plan_target target;
} plan[FAKE_KNOBS_MAX];
static uint32_t n_planned;

static int set_up(void **state) {
        machine_make(&m);
        requests = (struct requests){};
        return 0;
}

static int tear_down(void **state) {
        requests_clear(&requests);
        machine_remove(&m);
        return 0;
}

static void start(const char *config_text, const char *profile) {
        machine_start(&m, config_text);
        input = (struct plan_input){
                .profile = config_profile(m.config, profile),
                .context = { .battery_percent = -1 },
                .requests = &requests,
                .topology = &m.topology,
                .enabled = "",
                .blocked = "",
                .refresh = true,
        };
        assert_non_null(input.profile);
}

static int take(struct knob *knob, const struct plan_target *target, void *userdata) {
        plan[n_planned++] = (struct planned){ knob, *target };
        return 0;
}

static void make_plan(void) {
        n_planned = 0;
        assert_int_equal(plan_each(&input, &m.knobs, take, NULL), 0);
        assert_int_equal(fake_count(m.fake, 'w'), 0);
}

static const struct plan_target *target_of(const char *name, uint32_t domain) {
        for (uint32_t i = 0; i < n_planned; i++)
                if (strcmp(plan[i].knob->name, name) == 0 && plan[i].knob->domain == domain)
                        return &plan[i].target;
        return NULL;
}

static const char *value_of(const char *name, uint32_t domain) {
        const struct plan_target *target = target_of(name, domain);

        return target ? target->value : "not planned";
}

static void level(uint32_t scope, uint32_t domain, int floor, int ceiling) {
        const struct request template = { .kind = REQUEST_LEVEL,
                                          .pidfd = -1,
                                          .scope = scope,
                                          .domain = domain,
                                          .floor = floor,
                                          .ceiling = ceiling,
                                          .application = (char *) "backup",
                                          .reason = (char *) "nightly run" };
        struct request *request;

        assert_int_equal(requests_add(&requests, &template, &request), 0);
}

static void test_order_of_writing(void **state) {
        start("", "performance");
        make_plan();
        assert_int_equal(n_planned, 5 * MACHINE_CPUS);
        for (uint32_t i = 1; i < n_planned; i++)
                assert_true(plan[i - 1].knob->row->order <= plan[i].knob->row->order);
        assert_string_equal(plan[0].knob->name, "governor");
        assert_string_equal(plan[2 * MACHINE_CPUS].knob->name, "boost"); /* a change of boost resets the limits */
}

static void test_profile_values(void **state) {
        start("[profile p]\ngovernor = performance\nepp = nosuch\nmax-freq = 50%\nmin-freq = efficient\n", "p");
        make_plan();
        assert_string_equal(value_of("governor", 3), "performance");
        assert_int_equal(target_of("governor", 3)->limiter, LIMITER_PROFILE);
        assert_string_equal(value_of("epp", 0), "");
        assert_true(target_of("epp", 0)->unavailable);
        assert_string_equal(value_of("max-freq", 1), "2000000");
        assert_string_equal(value_of("min-freq", 1), "1200000");
        assert_string_equal(value_of("boost", 1), "");
        assert_int_equal(target_of("boost", 1)->limiter, LIMITER_NONE);
}

static void test_satisfied(void **state) {
        start("[profile p]\nepp = performance (balance_performance)\ngovernor = powersave\nmin-freq = 800MHz\n", "p");
        make_plan();
        assert_true(target_of("epp", 0)->satisfied);
        assert_true(target_of("governor", 0)->satisfied);
        assert_true(target_of("min-freq", 0)->satisfied);
        strcpy(machine_hardware(&m, m.epp, 2)->value, "power"); /* a change that is seen, because the knob is not watched */
        make_plan();
        assert_true(target_of("epp", 1)->satisfied);
        assert_false(target_of("epp", 2)->satisfied);
        assert_string_equal(value_of("epp", 2), "performance");
        machine_knob(&m, "epp", 2)->watched = true; /* the known value of a watched knob is used */
        strcpy(machine_hardware(&m, m.epp, 2)->value, "balance_performance");
        make_plan();
        assert_false(target_of("epp", 2)->satisfied);
}

static void test_domain_condition_differs_within_a_row(void **state) {
        start("[profile p]\nepp = power\nepp@cpu2 = performance\n", "p");
        make_plan();
        for (uint32_t i = 0; i < MACHINE_CPUS; i++)
                assert_string_equal(value_of("epp", i), i == 2 ? "performance" : "power");
}

/* Neighbouring knobs share a target only if their ranges and choices are equal. */
static void test_ranges_that_differ(void **state) {
        machine_hardware(&m, m.max, 1)->facts.max = 3000000;
        strcpy(machine_hardware(&m, m.epp, 3)->facts.choices, "balance_power power");
        start("[profile p]\nmax-freq = max\nepp = performance power\n", "p");
        make_plan();
        assert_string_equal(value_of("max-freq", 0), "4000000");
        assert_string_equal(value_of("max-freq", 1), "3000000");
        assert_string_equal(value_of("max-freq", 2), "4000000");
        assert_string_equal(value_of("epp", 2), "performance");
        assert_string_equal(value_of("epp", 3), "power");
}

static void test_levels(void **state) {
        start("[profile p]\n", "p");
        level(GOV_SCOPE_CPU, 1, 512, -1);
        level(GOV_SCOPE_POLICY, 2, -1, 256);
        level(GOV_SCOPE_NODE, 0, -1, 768);
        make_plan();
        assert_string_equal(value_of("min-freq", 1), "2000000");
        assert_int_equal(target_of("min-freq", 1)->limiter, LIMITER_FLOOR);
        assert_string_equal(value_of("max-freq", 1), "3000000");
        assert_int_equal(target_of("max-freq", 1)->limiter, LIMITER_CEILING);
        assert_string_equal(value_of("max-freq", 2), "1000000");
        assert_string_equal(value_of("min-freq", 0), "");
        assert_string_equal(value_of("epp", 0), "balance_performance"); /* inherited from balanced; levels do not affect it */
}

/* Frequency limits of a package are those of the uncore, which levels of CPUs do not affect. */
static void test_levels_leave_uncore_alone(void **state) {
        uint32_t uncore = fake_row(m.fake, "uncore-max-freq", GOV_SCOPE_PACKAGE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_LIMIT_MAX);

        fake_knob(m.fake, uncore, 0, "2400000");
        start("[profile p]\n", "p");
        level(GOV_SCOPE_NODE, 0, -1, 256);
        make_plan();
        assert_string_equal(value_of("max-freq", 0), "1000000");
        assert_string_equal(value_of("uncore-max-freq", 0), "");
}

static void device(uint32_t scope, uint32_t unit, const char *name, uint32_t flags, int64_t min, int64_t max, const char *choices) {
        struct fake_knob *knob = fake_knob(m.fake, fake_row(m.fake, name, scope, unit, GOV_ORDER_LIMIT, flags), 0,
                                           flags & GOV_KNOB_LIMIT_MIN ? "0" : "9999999");

        knob->facts.min = min;
        knob->facts.max = max;
        (void) snprintf(knob->facts.choices, sizeof(knob->facts.choices), "%s", choices);
}

/* The unit and the range of a knob determine its value at level 300. Knobs without a scale are not changed. */
static void test_levels_act_on_devices(void **state) {
        static const struct {
                const char *name;
                uint32_t unit;
                int64_t min, max;
                const char *choices, *floor, *ceiling;
        } cases[] = {
                { "khz", GOV_UNIT_KHZ, 200000, 1600000, "", "468750", "468750" },
                { "khz-up", GOV_UNIT_KHZ, 600000, 1600000, "", "600000", "600000" },
                { "khz-odd", GOV_UNIT_KHZ, 0, 1600001, "", "468751", "468751" },
                { "khz-unknown", GOV_UNIT_KHZ, 1, 0, "", "", "" },
                { "khz-list", GOV_UNIT_KHZ, 1, 0, "200000 400000 800000 1600000", "800000", "400000" },
                { "percent", GOV_UNIT_PERCENT, 1, 0, "", "30", "30" },
                { "percent-range", GOV_UNIT_PERCENT, 40, 80, "", "40", "40" },
                { "level", GOV_UNIT_LEVEL, 0, 1024, "", "300", "300" },
                { "watt", GOV_UNIT_MICROWATT, 1, 90000000, "", "", "" },
                { "number", GOV_UNIT_NUMBER, 0, 255, "", "", "" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                for (int side = 0; side < 2; side++) {
                        bool is_min = side == 0;
                        const char *expected = is_min ? cases[i].floor : cases[i].ceiling;

                        (void) tear_down(NULL);
                        (void) set_up(NULL);
                        device(GOV_SCOPE_DEVICE, cases[i].unit, cases[i].name, is_min ? GOV_KNOB_LIMIT_MIN : GOV_KNOB_LIMIT_MAX,
                               cases[i].min, cases[i].max, cases[i].choices);
                        start("[profile p]\n", "p");
                        level(i % 2 ? GOV_SCOPE_NODE : GOV_SCOPE_DEVICE, 0, is_min ? 300 : -1, is_min ? -1 : 300);
                        make_plan();
                        assert_string_equal(value_of(cases[i].name, 0), expected);
                        assert_int_equal(plan_takes_levels(machine_knob(&m, cases[i].name, 0)), expected[0] != '\0');
                }
}

static void test_levels_of_other_devices(void **state) {
        device(GOV_SCOPE_GPU, GOV_UNIT_KHZ, "gpu-max", GOV_KNOB_LIMIT_MAX, 200000, 1600000, "");
        start("[profile p]\n", "p");
        level(GOV_SCOPE_DEVICE, 0, -1, 300);
        level(GOV_SCOPE_GPU, 1, -1, 300);
        level(GOV_SCOPE_PACKAGE, 0, -1, 300); /* a level for CPUs */
        make_plan();
        assert_string_equal(value_of("gpu-max", 0), "");
        level(GOV_SCOPE_GPU, 0, -1, 1024);
        make_plan();
        assert_string_equal(value_of("gpu-max", 0), "1600000");
}

/* If the machine has an upper limit below the ceiling, it stays, unless a profile sets the limit. */
static void test_ceilings_never_raise_a_limit(void **state) {
        device(GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, "hi", GOV_KNOB_LIMIT_MAX, 200000, 1600000, "");
        strcpy(machine_hardware(&m, m.max, 1)->value, "1000000");
        strcpy(m.fake->knobs[m.fake->n_knobs - 1].value, "600000");
        start("[profile p]\n[profile q]\nmax-freq = 3000000\nhi = 1.4GHz\n", "p");
        level(GOV_SCOPE_NODE, 0, -1, 512);
        make_plan();
        assert_string_equal(value_of("max-freq", 0), "2000000");
        assert_string_equal(value_of("max-freq", 1), "");
        assert_ptr_equal(target_of("max-freq", 1)->bounded_by, machine_knob(&m, "max-freq", 1));
        assert_string_equal(value_of("hi", 0), "");
        input.profile = config_profile(m.config, "q");
        make_plan();
        assert_string_equal(value_of("max-freq", 1), "2000000");
        assert_string_equal(value_of("hi", 0), "800000");
}

/* A ceiling overrides a floor, and a floor does not raise a device above the profile's upper limit. */
static void test_device_limits_do_not_cross(void **state) {
        device(GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, "lo", GOV_KNOB_LIMIT_MIN, 200000, 1600000, "");
        device(GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, "hi", GOV_KNOB_LIMIT_MAX, 200000, 1600000, "");
        start("[profile p]\n[profile q]\nhi = 400MHz\n", "p");
        level(GOV_SCOPE_DEVICE, 0, 800, -1);
        level(GOV_SCOPE_NODE, 0, -1, 512);
        make_plan();
        assert_string_equal(value_of("lo", 0), "800000");
        assert_string_equal(value_of("hi", 0), "800000");
        input.profile = config_profile(m.config, "q");
        make_plan();
        assert_string_equal(value_of("lo", 0), "400000");
        assert_string_equal(value_of("hi", 0), "400000");
}

/* For any profile, floors and ceilings, the planned limits of a policy never cross, and no ceiling is exceeded. */
static void test_plans_never_cross(void **state) {
        static const char *const profiles[] = { "a", "c", "d" };

        start("[profile a]\n[profile c]\nmin-freq = 3000000\n[profile d]\nmax-freq = 1500000\n", "a");
        for (size_t p = 0; p < ARRAY_SIZE(profiles); p++)
                for (int floor = -1; floor <= 1024; floor += 205)
                        for (int ceiling = -1; ceiling <= 1024; ceiling += 205) {
                                int64_t min, max;

                                requests_clear(&requests);
                                level(GOV_SCOPE_NODE, 0, floor, ceiling);
                                input.profile = config_profile(m.config, profiles[p]);
                                make_plan();
                                min = atoll(value_of("min-freq", 0)[0] ? value_of("min-freq", 0) : "800000");
                                max = atoll(value_of("max-freq", 0)[0] ? value_of("max-freq", 0) : "4000000");
                                assert_true(min <= max);
                                if (ceiling >= 0)
                                        assert_true(max <= arbiter_level_to_khz(&m.topology.cpus[0].facts, ceiling));
                        }
}

/* The kernel would reject a lower limit above an upper limit that the profile does not set. */
static void test_profile_below_a_limit_from_before(void **state) {
        for (uint32_t i = 0; i < m.fake->n_knobs; i++)
                if (m.fake->knobs[i].row == m.max && m.fake->knobs[i].facts.domain == 1)
                        strcpy(m.fake->knobs[i].value, "1000000");
        start("[profile p]\nmin-freq = 2000000\n[profile q]\nmin-freq = 2000000\nmax-freq = 3000000\n", "p");
        make_plan();
        assert_string_equal(value_of("min-freq", 0), "2000000");
        assert_string_equal(value_of("min-freq", 1), "1000000");
        assert_int_equal(target_of("min-freq", 1)->limiter, LIMITER_CEILING);
        input.profile = config_profile(m.config, "q");
        make_plan();
        assert_string_equal(value_of("min-freq", 1), "2000000");
        assert_int_equal(target_of("min-freq", 1)->limiter, LIMITER_PROFILE);
}

/* The profile's line for an upper limit that the administrator has blocked is not applied, so it does not bound the lower limit. */
static void test_blocked_upper_limit(void **state) {
        start("[profile p]\nmin-freq = 2000000\nmax-freq = 1500000\n", "p");
        make_plan();
        assert_string_equal(value_of("min-freq", 0), "1500000");
        input.blocked = "max-freq";
        make_plan();
        assert_string_equal(value_of("min-freq", 0), "2000000");
}

static int (*describe)(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);

static int describe_all_but_first_max(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        return row == m.max && index == 0 ? -EIO : describe(state, row, index, ret);
}

/* A policy without an upper limit must not shift those of its neighbours. */
static void test_a_missing_upper_limit(void **state) {
        describe = m.fake->driver.describe;
        m.fake->driver.describe = describe_all_but_first_max;
        start("[profile p]\nmax-freq = 50%\n", "p");
        level(GOV_SCOPE_NODE, 0, 1024, -1);
        make_plan();
        assert_string_equal(value_of("max-freq", 0), "not planned");
        assert_string_equal(value_of("min-freq", 0), "4000000");
        for (uint32_t i = 1; i < MACHINE_CPUS; i++) {
                assert_string_equal(value_of("max-freq", i), "2000000");
                assert_string_equal(value_of("min-freq", i), "2000000");
        }
}

static int cpus_in_pairs(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        *ret = m.fake->cpu;
        ret->policy = cpu / 2;
        return cpu < m.fake->n_cpus ? 0 : -ENODEV;
}

/* Levels that sessions request for some CPUs: each knob is planned once, even if several of these CPUs share it, in the order of
 * writing. */
static void test_demands(void **state) {
        static const struct cpu_demand demands[] = {
                { .cpu = 3, .floor = 256, .ceiling = -1 },    { .cpu = 1, .floor = 512, .ceiling = -1 },
                { .cpu = 0, .floor = 128, .ceiling = -1 },    { .cpu = 1, .floor = 512, .ceiling = -1 },
                { .cpu = 4095, .floor = 512, .ceiling = -1 },
        };
        static const char *const expected[] = {
                "wake 3", "wake 1", "wake 0", "min-freq 1", "min-freq 0", "max-freq 1", "max-freq 0"
        };
        uint32_t wake = fake_row(m.fake, "wake", GOV_SCOPE_CPU, GOV_UNIT_MICROSECOND, GOV_ORDER_MODE, GOV_KNOB_WAKE);
        struct demands table = {};

        machine_add_knobs(&m, wake, "0", 0, 1000, "");
        m.fake->driver.cpu = cpus_in_pairs;
        start("[profile p]\n", "p");
        assert_int_equal(demands_set(&table, demands, ARRAY_SIZE(demands)), 0);
        input.demands = &table;
        for (int round = 0; round < 2; round++) {
                n_planned = 0;
                assert_int_equal(plan_demands(&input, &m.knobs, demands, ARRAY_SIZE(demands), take, NULL), 0);
                assert_int_equal(n_planned, ARRAY_SIZE(expected));
                for (uint32_t i = 0; i < n_planned; i++) {
                        char text[64];

                        (void) snprintf(text, sizeof(text), "%s %u", plan[i].knob->name, plan[i].knob->domain);
                        assert_string_equal(text, expected[i]);
                }
                assert_string_equal(value_of("min-freq", 0), "2000000");
                assert_string_equal(value_of("min-freq", 1), "1000000");
        }
        demands_done(&table);
}

static void test_what_is_left_out(void **state) {
        uint32_t sensor = fake_row(m.fake, "heat", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, 0, GOV_KNOB_SENSOR);
        uint32_t opt_in = fake_row(m.fake, "secret", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, 0, GOV_KNOB_OPT_IN);
        uint32_t action = fake_row(m.fake, "act", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, 0, GOV_KNOB_ACTION);
        char text[256];

        machine_add_knobs(&m, sensor, "0", 0, 1, "");
        machine_add_knobs(&m, opt_in, "0", 0, 1, "");
        machine_add_knobs(&m, action, "0", 0, 1, "");
        machine_hardware(&m, m.epp, 1)->facts.flags = GOV_INSTANCE_READ_ONLY;
        machine_hardware(&m, m.min, 1)->facts.flags = GOV_INSTANCE_READ_ONLY;
        start("[profile p]\nheat = 1\nsecret = 1\nact = 1\n", "p");
        input.blocked = "boost other";
        make_plan();
        assert_null(target_of("heat", 0));
        assert_null(target_of("secret", 0));
        assert_null(target_of("boost", 0));
        assert_true(target_of("epp", 1)->read_only); /* reported by Explain, but not written */
        assert_string_equal(value_of("epp", 1), "");
        plan_format_limiter(&input, target_of("epp", 1), text, sizeof(text));
        assert_non_null(strstr(text, "read-only here; the profile has \"balance_performance\""));
        assert_false(target_of("epp", 2)->read_only);
        assert_null(target_of("min-freq", 1));        /* read-only, and the profile does not name it */
        assert_string_equal(value_of("act", 0), "1"); /* action_enabled() is missing */
        input.enabled = "secret";
        make_plan();
        assert_string_equal(value_of("secret", 0), "1");
        input.enabled = "fake";
        make_plan();
        assert_string_equal(value_of("secret", 0), "1");
        input.blocked = "fake";
        make_plan();
        assert_int_equal(n_planned, 0);
}

/* A knob that is blocked or disabled after it was set has no target any more, so its original value is restored. */
static void test_blocked_later_is_planned_as_unwanted(void **state) {
        start("[profile p]\nboost = 0\n", "p");
        machine_knob(&m, "boost", 2)->ledger_id = 1;
        input.blocked = "boost";
        make_plan();
        assert_null(target_of("boost", 1));
        assert_non_null(target_of("boost", 2));
        assert_string_equal(value_of("boost", 2), "");
}

static int stop_at_third(struct knob *knob, const struct plan_target *target, void *userdata) {
        return ++*(int *) userdata == 3 ? -ECANCELED : 0;
}

static void test_walk_can_be_ended(void **state) {
        int n = 0;

        start("", "balanced");
        assert_int_equal(plan_each(&input, &m.knobs, stop_at_third, &n), -ECANCELED);
        assert_int_equal(n, 3);
}

static void test_limiter_as_text(void **state) {
        char text[256];

        start("[profile p]\nboost = 0\nepp = nosuch\n", "p");
        level(GOV_SCOPE_CPU, 1, 512, -1);
        make_plan();
        plan_format_limiter(&input, target_of("min-freq", 1), text, sizeof(text));
        assert_string_equal(text, "floor 512 of backup (nightly run)");
        plan_format_limiter(&input, target_of("boost", 1), text, sizeof(text));
        assert_non_null(strstr(text, "profile p (test:2)"));
        plan_format_limiter(&input, target_of("epp", 1), text, sizeof(text));
        assert_non_null(strstr(text, "none of \"nosuch\" is available"));
        plan_format_limiter(&input, target_of("min-freq", 0), text, sizeof(text));
        assert_string_equal(text, "");
}

/* -- the registry -- */

static void test_shared_path_goes_to_priority(void **state) {
        struct fake *other = fake_new("other");
        struct plugin *plugins[] = { &m.fake->plugin, &other->plugin };
        struct knobs knobs = {};
        uint32_t n_read_only = 0;

        strcpy(fake_knob(other, fake_row(other, "boost", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, 40, 0), 0, "1")->facts.path,
               "sys/fake/boost0");
        other->driver.priority = 5;
        start("", "balanced");
        assert_int_equal(knobs_update(&knobs, plugins, 2, &m.topology), 0);
        for (uint32_t i = 0; i < knobs.n; i++)
                if (!knob_is_writable(&knobs.items[i])) {
                        assert_ptr_equal(knobs.items[i].plugin, &m.fake->plugin);
                        assert_string_equal(knobs.items[i].path, "sys/fake/boost0");
                        n_read_only++;
                }
        assert_int_equal(n_read_only, 1);
        knobs_done(&knobs);
        fake_free(other);
}

/* If several knobs have the same file, only the one of the driver with the highest priority may write it. */
static void test_three_knobs_on_one_path(void **state) {
        struct fake *other = fake_new("other");
        struct plugin *plugins[] = { &m.fake->plugin, &other->plugin };
        struct knobs knobs = {};

        for (int i = 0; i < 2; i++) {
                uint32_t row = fake_row(other, i ? "turbo" : "boost", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, GOV_ORDER_BOOST, 0);

                strcpy(fake_knob(other, row, 0, "1")->facts.path, "sys/fake/boost0");
        }
        m.fake->driver.priority = 5;
        start("", "balanced");
        assert_int_equal(knobs_update(&knobs, plugins, 2, &m.topology), 0);
        for (uint32_t i = 0; i < knobs.n; i++)
                if (strcmp(knobs.items[i].path, "sys/fake/boost0") == 0)
                        assert_int_equal(knob_is_writable(&knobs.items[i]), knobs.items[i].plugin == &m.fake->plugin);
        knobs_done(&knobs);
        fake_free(other);
}

static int describe_nonsense(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        if (index % 2)
                return -EIO;
        memset(ret, 'x', sizeof(*ret)); /* without any NUL */
        return 0;
}

static int count_nonsense(void *state, uint32_t row) {
        static const int counts[] = { -5, 1 << 30, 3, 0, 2 };

        return counts[row];
}

static void test_nonsense_loses_the_knob_only(void **state) {
        m.fake->driver.describe = describe_nonsense;
        m.fake->driver.count = count_nonsense;
        start("", "balanced");
        assert_int_equal(m.knobs.n, 0);
        assert_int_equal(m.knobs.n_groups, 0);
}

static void test_inherit(void **state) {
        struct plugin *plugins[] = { &m.fake->plugin };
        struct knob *old;

        start("", "balanced");
        old = machine_knob(&m, "epp", 3);
        old->state = KNOB_YIELDED;
        old->original = text_intern("power");
        old->wanted = text_intern("performance");
        old->reasserted = 2;
        machine_hardware(&m, m.epp, 1)->facts.domain = 9; /* a knob disappears and a new one appears */
        (void) snprintf(machine_hardware(&m, m.epp, 9)->facts.path, 32, "sys/fake/epp9");
        assert_int_equal(knobs_update(&m.knobs, plugins, 1, &m.topology), 0);
        for (uint32_t i = 0; i < m.knobs.n; i++) {
                const struct knob *knob = &m.knobs.items[i];

                if (strcmp(knob->name, "epp") == 0 && knob->domain == 3) {
                        assert_int_equal(knob->state, KNOB_YIELDED);
                        assert_string_equal(knob->original, "power");
                        assert_string_equal(knob->wanted, "performance");
                        assert_int_equal(knob->reasserted, 2);
                } else
                        assert_null(knob->original);
        }
        assert_null(machine_knob(&m, "epp", 1));
        assert_non_null(machine_knob(&m, "epp", 9));
}

/* A device of another driver appears or disappears: this driver is not called, and its knobs keep their state. */
static void test_others_stay(void **state) {
        struct fake *other = fake_new("other");
        struct plugin *plugins[] = { &m.fake->plugin, &other->plugin };
        uint32_t row = fake_row(other, "cap", GOV_SCOPE_GPU, GOV_UNIT_MICROWATT, GOV_ORDER_POWER, 0);
        struct knob *old;

        (void) fake_knob(other, row, 0, "100");
        start("", "balanced");
        assert_int_equal(knobs_update(&m.knobs, plugins, 2, &m.topology), 0);
        old = machine_knob(&m, "epp", 3);
        old->state = KNOB_OK;
        old->original = text_intern("power");
        old->ledger_id = 7;
        m.fake->plugin.stale = false;
        fake_forget(m.fake);
        (void) fake_knob(other, row, 1, "200");
        assert_int_equal(knobs_update(&m.knobs, plugins, 2, &m.topology), 0);
        assert_int_equal(m.fake->n_calls, 0);
        assert_int_equal(machine_knob(&m, "epp", 3)->ledger_id, 7);
        assert_string_equal(machine_knob(&m, "epp", 3)->original, "power");
        assert_ptr_equal(machine_knob(&m, "epp", 3)->cpu, topology_first_cpu(&m.topology, GOV_SCOPE_POLICY, 3));
        assert_string_equal(machine_knob(&m, "cap", 1)->value, "200");
        other->plugin.state = PLUGIN_ABSENT;
        assert_int_equal(knobs_update(&m.knobs, plugins, 2, &m.topology), 0);
        assert_null(machine_knob(&m, "cap", 0));
        assert_int_equal(machine_knob(&m, "epp", 3)->ledger_id, 7);
        fake_free(other);
}

/* When a driver disappears, another driver may write the file that both have, although the latter was not probed again. */
static void test_shared_path_without_the_other(void **state) {
        struct fake *other = fake_new("other");
        struct plugin *plugins[] = { &m.fake->plugin, &other->plugin };

        strcpy(fake_knob(other, fake_row(other, "boost", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, 40, 0), 0, "1")->facts.path,
               "sys/fake/boost0");
        other->driver.priority = 5;
        start("", "balanced");
        assert_int_equal(knobs_update(&m.knobs, plugins, 2, &m.topology), 0);
        assert_false(knob_is_writable(machine_knob(&m, "boost", 0)));
        m.fake->plugin.stale = false;
        other->plugin.state = PLUGIN_ABSENT;
        assert_int_equal(knobs_update(&m.knobs, plugins, 2, &m.topology), 0);
        assert_true(knob_is_writable(machine_knob(&m, "boost", 0)));
        fake_free(other);
}

static void check_matches(uint32_t flags, int64_t step, const char *choices, const char *written, const char *seen, bool expected) {
        const struct gov_knob_row row = { .flags = flags };
        const struct knob knob = { .row = &row, .step = step, .choices = choices };

        assert_int_equal(knob_matches(&knob, written, seen), expected);
}

static void test_matches(void **state) {
        check_matches(0, 0, "", "a", "a", true);
        check_matches(0, 0, "", "a", "b", false);
        check_matches(0, 0, "", "5", "5", true);
        check_matches(0, 0, "", "05", "5", true);
        check_matches(0, 100, "", "1000", "1001", false);
        check_matches(GOV_KNOB_ROUNDS, 100, "", "1000", "1100", true);
        check_matches(GOV_KNOB_ROUNDS, 100, "", "1000", "900", true);
        check_matches(GOV_KNOB_ROUNDS, 100, "", "1000", "1101", false);
        check_matches(GOV_KNOB_ROUNDS, 0, "", "1000", "1001", true);
        check_matches(GOV_KNOB_NAMED, 0, "power performance", "128", "power", true);
        check_matches(GOV_KNOB_NAMED, 0, "power performance", "128", "other", false);
        check_matches(0, 0, "power", "128", "power", false);
        check_matches(GOV_KNOB_NAMED, 0, "power performance", "power", "performance", false);
        check_matches(GOV_KNOB_ROUNDS, 1, "", "9223372036854775807", "-9223372036854775808", false);
        check_matches(GOV_KNOB_ROUNDS, 1, "", "-9223372036854775808", "9223372036854775807", false);
        check_matches(GOV_KNOB_ROUNDS, INT64_MAX, "", "-1", "9223372036854775807", false);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_order_of_writing),
                TEST(test_profile_below_a_limit_from_before),
                TEST(test_profile_values),
                TEST(test_satisfied),
                TEST(test_domain_condition_differs_within_a_row),
                TEST(test_ranges_that_differ),
                TEST(test_levels),
                TEST(test_levels_leave_uncore_alone),
                TEST(test_levels_act_on_devices),
                TEST(test_levels_of_other_devices),
                TEST(test_ceilings_never_raise_a_limit),
                TEST(test_device_limits_do_not_cross),
                TEST(test_plans_never_cross),
                TEST(test_blocked_upper_limit),
                TEST(test_a_missing_upper_limit),
                TEST(test_demands),
                TEST(test_what_is_left_out),
                TEST(test_blocked_later_is_planned_as_unwanted),
                TEST(test_walk_can_be_ended),
                TEST(test_limiter_as_text),
                TEST(test_shared_path_goes_to_priority),
                TEST(test_three_knobs_on_one_path),
                TEST(test_nonsense_loses_the_knob_only),
                TEST(test_inherit),
                TEST(test_others_stay),
                TEST(test_shared_path_without_the_other),
                cmocka_unit_test(test_matches),
        };

        return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
