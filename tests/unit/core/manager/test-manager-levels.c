/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager: levels, and other events that change knobs or the state without a choice of a profile: rules, battery, actions,
 * degradation. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- levels -- */

static void test_levels(void **state) {
        struct snapshot *before;
        uint32_t a, b;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(level(GOV_SCOPE_CPU, 1, 512, -1, &a), 0);
        check_file(in_root(POLICY "scaling_min_freq", 1), "2100000");
        check_file(in_root(POLICY "scaling_min_freq", 0), "400000");
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 256, &b), 0);
        check_file(in_root(POLICY "scaling_max_freq", 1), "1050000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "1050000"); /* a ceiling overrides a floor */
        check_file(in_root(POLICY "scaling_max_freq", 7), "1050000");
        assert_int_equal(manager_release(t.manager, b, ":1.9", "a test"), 0);
        check_file(in_root(POLICY "scaling_max_freq", 1), "4200000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "2100000");
        assert_int_equal(level(GOV_SCOPE_PACKAGE, 0, -1, 512, &b), 0);
        check_file(in_root(POLICY "scaling_max_freq", 5), "2100000");
        manager_owner_gone(t.manager, ":1.9");
        check_file(in_root(POLICY "scaling_max_freq", 5), "4200000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "400000");
        end();
        check_unchanged(before, false);
}

#define CARD "sys/class/governord-example/npu%d/"

static enum request_effect effect_of(uint32_t cookie, bool floor) {
        const struct request *request = requests_find(manager_requests(t.manager), cookie);

        manager_weigh_requests(t.manager);
        return floor ? request->floor_effect : request->ceiling_effect;
}

static void test_levels_of_devices(void **state) {
        struct snapshot *before;
        uint32_t a, b, c;

        make("vm-no-cpufreq", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(level(GOV_SCOPE_DEVICE, 0, 256, 512, &a), 0);
        check_file(in_root(CARD "min_khz", 0), "400000");
        check_file(in_root(CARD "max_khz", 0), "800000");
        check_file(in_root(CARD "max_khz", 1), "1600000");
        assert_int_equal(effect_of(a, true), EFFECT_YES);
        assert_int_equal(effect_of(a, false), EFFECT_YES);
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 128, &b), 0);
        check_file(in_root(CARD "max_khz", 0), "200000");
        check_file(in_root(CARD "min_khz", 0), "200000"); /* a ceiling overrides a floor */
        check_file(in_root(CARD "max_khz", 1), "200000");
        assert_int_equal(effect_of(a, true), EFFECT_OVERRULED);
        assert_int_equal(effect_of(a, false), EFFECT_OVERRULED);
        assert_int_equal(effect_of(b, false), EFFECT_YES);
        assert_int_equal(level(GOV_SCOPE_PACKAGE, 0, 700, -1, &c), 0); /* its CPUs have no frequency limits */
        assert_int_equal(effect_of(c, true), EFFECT_NO_KNOB);
        assert_int_equal(manager_release(t.manager, b, ":1.9", "a test"), 0);
        check_file(in_root(CARD "max_khz", 0), "800000");
        check_file(in_root(CARD "max_khz", 1), "1600000");
        manager_owner_gone(t.manager, ":1.9");
        check_unchanged(before, false);
}

/* A limit below the ceiling is not changed, also if another program sets it later. */
static void test_a_ceiling_never_raises_a_limit(void **state) {
        uint32_t a;

        make("intel-client-hwp", NULL);
        put(in_root(POLICY "scaling_max_freq", 1), "1200000");
        start();
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 512, &a), 0);
        loop_drain(t.event);
        check_file(in_root(POLICY "scaling_max_freq", 0), "2100000");
        check_file(in_root(POLICY "scaling_max_freq", 1), "1200000");
        assert_int_equal(effect_of(a, false), EFFECT_YES);
        foreign_write(in_root(POLICY "scaling_max_freq", 1), "1500000");
        check_file(in_root(POLICY "scaling_max_freq", 1), "1500000");
        foreign_write(in_root(POLICY "scaling_max_freq", 1), "4200000");
        check_file(in_root(POLICY "scaling_max_freq", 1), "2100000");
        manager_owner_gone(t.manager, ":1.9");
        check_file(in_root(POLICY "scaling_max_freq", 0), "4200000");
        check_file(in_root(POLICY "scaling_max_freq", 1), "4200000");
}

static void test_levels_without_a_limit_of_their_kind(void **state) {
        uint32_t a;

        configure("[governord]\nblock = npu-min-freq\n");
        make("vm-no-cpufreq", NULL);
        start();
        assert_int_equal(level(GOV_SCOPE_DEVICE, 0, 256, 512, &a), 0);
        assert_int_equal(effect_of(a, true), EFFECT_NO_LOWER_LIMIT);
        assert_int_equal(effect_of(a, false), EFFECT_YES);
        end();
        configure("[governord]\nblock = npu-max-freq\n");
        start();
        assert_int_equal(level(GOV_SCOPE_DEVICE, 0, 256, 512, &a), 0);
        assert_int_equal(effect_of(a, true), EFFECT_YES);
        assert_int_equal(effect_of(a, false), EFFECT_NO_UPPER_LIMIT);
}

static void test_nothing_follows_levels(void **state) {
        struct message message;
        uint32_t a;

        configure("[governord]\nblock = example\n");
        make("vm-no-cpufreq", NULL);
        start();
        assert_int_equal(level(GOV_SCOPE_NODE, 0, 500, 500, &a), 0);
        assert_int_equal(effect_of(a, true), EFFECT_NO_MACHINE);
        assert_int_equal(effect_of(a, false), EFFECT_NO_MACHINE);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 400, "a test", &message),
                         0); /* stored, because a limit may appear later */
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_DEVICE, 0, -1, 400, "a test", &message), -ENXIO);
        assert_string_equal(message.text, "This machine has no domain 'device0'");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 1025, "a test", &message), -EINVAL);
}

/* The effect of a request is determined from the values in force. */
static void test_effect_of_levels(void **state) {
        uint32_t a, b;

        configure("[profile slow]\ninherits = power-saver\nmax-freq = min\n");
        laptop();
        assert_int_equal(level(GOV_SCOPE_CPU, 1, 512, -1, &a), 0);
        assert_int_equal(effect_of(a, true), EFFECT_YES);
        foreign_write(in_root(POLICY "scaling_min_freq", 1), "400000"); /* restored a few times, then yielded */
        for (int i = 0; i < 8; i++)
                foreign_write(in_root(POLICY "scaling_min_freq", 1), "400000");
        assert_int_equal(effect_of(a, true), EFFECT_FAILED);
        assert_int_equal(level(GOV_SCOPE_CPU, 2, 512, -1, &b), 0);
        assert_int_equal(select_profile("slow"), 0); /* a floor does not raise its limit */
        assert_int_equal(effect_of(b, true), EFFECT_OVERRULED);
}

/* The effect is correct also after a change without an event. */
static void test_effect_of_levels_is_in_place(void **state) {
        uint32_t a;

        laptop();
        assert_int_equal(level(GOV_SCOPE_CPU, 1, 512, 800, &a), 0);
        loop_drain(t.event);
        put(in_root(POLICY "scaling_min_freq", 1), "400000"); /* writes of this process cause no event */
        assert_int_equal(effect_of(a, true), EFFECT_FAILED);
        assert_int_equal(effect_of(a, false), EFFECT_YES);
        wait_certain();
        check_knob("min-freq", 1, KNOB_YIELDED, "400000");
}

static void test_levels_refused(void **state) {
        static const struct {
                uint32_t scope, domain;
                int floor, ceiling, error;
        } cases[] = {
                { GOV_SCOPE_NODE, 0, -1, -1, -EINVAL },
                { GOV_SCOPE_NODE, 0, 1025, -1, -EINVAL },
                { GOV_SCOPE_NODE, 0, -2, 5, -EINVAL },
                { GOV_SCOPE_NODE, 0, 5, 4, -EINVAL },
                { GOV_SCOPE_NODE, 1, 5, -1, -ENXIO },
                { GOV_SCOPE_CPU, 8, 5, -1, -ENXIO },
                { GOV_SCOPE_POLICY, 99, 5, -1, -ENXIO },
                { GOV_SCOPE_GPU, 0, 5, -1, -ENXIO },
                { 77, 0, 5, -1, -ENXIO },
        };
        uint32_t cookie;

        laptop();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_int_equal(level(cases[i].scope, cases[i].domain, cases[i].floor, cases[i].ceiling, &cookie), cases[i].error);
        assert_int_equal(manager_requests(t.manager)->n, 0);
}

static void test_lasting_levels(void **state) {
        struct message message;

        laptop();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, -1, 512, "a test", &message), 0);
        check_file(in_root(POLICY "scaling_max_freq", 2), "2100000");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 99, -1, 512, "a test", &message), -ENXIO);
        end();
        check_file(in_root(POLICY "scaling_max_freq", 2), "4200000");
        start();
        check_file(in_root(POLICY "scaling_max_freq", 2), "2100000");
        assert_int_equal(manager_release(t.manager, manager_requests(t.manager)->items[0]->cookie, NULL, "a test"), -ENOENT);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, 256, 768, "a test", &message), 0);
        assert_int_equal(manager_requests(t.manager)->n, 1);
        check_file(in_root(POLICY "scaling_max_freq", 2), "3150000");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, -1, -1, "a test", &message), 0);
        assert_int_equal(manager_requests(t.manager)->n, 0);
        check_file(in_root(POLICY "scaling_max_freq", 2), "4200000");
        end();
        start();
        assert_int_equal(manager_requests(t.manager)->n, 0);
}

static void test_levels_of_absent_domains_are_kept(void **state) {
        struct message message;
        _cleanup_free_ char *text = NULL;

        make("intel-client-hwp", NULL);
        assert_int_equal(mkdir(t.state, 0755), 0);
        put(scratch_path(t.state, "state.ini"), "[Levels]\ncpu99=5 10\n");
        start();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, 512, "a test", &message), 0);
        text = scratch_read(scratch_path(t.state, "state.ini"), NULL);
        assert_non_null(strstr(text, "cpu99=5 10"));
        assert_non_null(strstr(text, "cpu1=-1 512"));
}

/* A level of a domain that is absent can be removed even if the table is full. */
static void test_removing_a_level_from_a_full_table(void **state) {
        _cleanup_free_ char *text = calloc(1, 4096), *saved = NULL;
        struct message message;
        int n;

        make("intel-client-hwp", NULL);
        n = sprintf(text, "[Levels]\n");
        for (int i = 0; i < STATE_LEVELS_MAX; i++)
                n += sprintf(text + n, "cpu%d=5 10\n", 99 + i);
        assert_int_equal(mkdir(t.state, 0755), 0);
        put(scratch_path(t.state, "state.ini"), text);
        start();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, 512, "a test", &message), -EDQUOT);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, -1, "a test", &message), 0);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 99, -1, -1, "a test", &message), 0);
        saved = scratch_read(scratch_path(t.state, "state.ini"), NULL);
        assert_null(strstr(saved, "cpu99="));
        assert_non_null(strstr(saved, "cpu100=5 10"));
}

/* -- rules -- */

static const char rules[] = "[rule low]\nwhen = battery-below 20\nprofile = power-saver\n"
                            "[rule backup]\nwhen = unit backup.service\nprofile = performance\n"
                            "[rule unused]\nwhen = idle\nprofile = power-saver\n";

static void test_rules(void **state) {
        configure(rules);
        laptop();
        check_active("balanced", "start");
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("performance", "rule:backup");
        check_epp("performance");
        manager_set_idle(t.manager, true);
        check_active("performance", "rule:backup"); /* the first rule that applies */
        manager_set_external_power(t.manager, true, 15);
        check_active("power-saver", "rule:low");
        manager_set_external_power(t.manager, true, 50);
        check_active("performance", "rule:backup");
        manager_set_unit_active(t.manager, "backup.service", false);
        check_active("power-saver", "rule:unused");
        manager_set_idle(t.manager, false);
        assert_string_equal(manager_active(t.manager)->name, "balanced");
}

static void test_manual_choice_overrides_a_rule(void **state) {
        bool deciding;

        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        assert_int_equal(select_profile("power-saver"), 0);
        check_active("power-saver", "manual");
        assert_true(manager_rule_holds(t.manager, 1, &deciding));
        assert_false(deciding);
        manager_set_idle(t.manager, true); /* the same rule still applies */
        check_active("power-saver", "manual");
        manager_set_unit_active(t.manager, "backup.service", false); /* another rule applies */
        check_active("power-saver", "rule:unused");
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("performance", "rule:backup");
}

static void test_manual_choice_survives_a_reload(void **state) {
        char *errors = NULL;

        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        assert_int_equal(select_profile("power-saver"), 0);
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_active("power-saver", "manual");
}

static void test_hold_beats_rule(void **state) {
        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        (void) hold("power-saver", ":1.5", 0);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
        manager_owner_gone(t.manager, ":1.5");
        check_active("performance", "rule:backup");
}

static void test_battery_awareness(void **state) {
        laptop();
        assert_true(manager_battery_aware(t.manager));
        manager_set_external_power(t.manager, true, 60);
        check_epp("balance_power");
        assert_int_equal(manager_set_battery_aware(t.manager, false), 0);
        check_epp("balance_performance");
        assert_int_equal(manager_set_battery_aware(t.manager, false), -EALREADY);
        end();
        start();
        assert_false(manager_battery_aware(t.manager));
}

static void test_battery_from_files(void **state) {
        struct power_view power;

        make("intel-client-hwp", (const char *const[]){ "ONLINE=0", "BATTERY=Discharging", "CAPACITY=40", NULL });
        start();
        manager_power(t.manager, &power);
        assert_string_equal(power.source, "battery");
        assert_int_equal(power.percent, 40);
        check_epp("balance_power");
}

static void test_actions(void **state) {
        const struct action *actions;
        size_t n;

        t.options.block_actions = "amdgpu_dpm";
        laptop();
        n = manager_actions(t.manager, &actions);
        assert_int_equal(n, 2);
        assert_string_equal(actions[0].name, "trickle_charge");
        assert_true(actions[0].enabled);
        assert_int_equal(manager_set_action(t.manager, "nonsense", true), -ENOENT);
        assert_int_equal(manager_set_action(t.manager, "amdgpu_panel_power", true), 0);
        assert_false(actions[1].enabled); /* the machine lacks it */
        assert_true(actions[1].wanted);
        assert_int_equal(manager_set_action(t.manager, "trickle_charge", false), 0);
        end();
        start();
        (void) manager_actions(t.manager, &actions);
        assert_false(actions[0].enabled);
        assert_true(actions[1].wanted);
}

/* -- degradation -- */

static void test_lap(void **state) {
        make("intel-client-hwp", (const char *const[]){ "LAPMODE=1", NULL });
        start();
        assert_int_equal(manager_degraded(t.manager), DEGRADED_LAP);
}

static void test_heat_and_our_own_turbo(void **state) {
        configure("[profile cool]\ninherits = power-saver\nintel.boost = 0\n");
        laptop();
        assert_int_equal(select_profile("cool"), 0);
        check_file(in_root(NO_TURBO), "1");
        assert_int_equal(manager_degraded(t.manager), 0); /* a limit that the service has set */
        assert_int_equal(select_profile("balanced"), 0);
        check_file(in_root(NO_TURBO), "0");
        foreign_write(in_root(NO_TURBO), "1");
        assert_int_equal(manager_degraded(t.manager), DEGRADED_HEAT);
        assert_true(t.changed & CHANGED_DEGRADED);
        foreign_write(in_root(NO_TURBO), "0");
        assert_int_equal(manager_degraded(t.manager), 0);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_levels),
                TEST(test_levels_of_devices),
                TEST(test_a_ceiling_never_raises_a_limit),
                TEST(test_levels_without_a_limit_of_their_kind),
                TEST(test_nothing_follows_levels),
                TEST(test_effect_of_levels),
                TEST(test_effect_of_levels_is_in_place),
                TEST(test_levels_refused),
                TEST(test_lasting_levels),
                TEST(test_levels_of_absent_domains_are_kept),
                TEST(test_removing_a_level_from_a_full_table),
                TEST(test_rules),
                TEST(test_manual_choice_overrides_a_rule),
                TEST(test_manual_choice_survives_a_reload),
                TEST(test_hold_beats_rule),
                TEST(test_battery_awareness),
                TEST(test_battery_from_files),
                TEST(test_actions),
                TEST(test_lap),
                TEST(test_heat_and_our_own_turbo),
        };

        if (!take_arguments("test-manager-levels", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-levels", tests, NULL, NULL);
}
