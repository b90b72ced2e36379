/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager over time: others' writes, CPUs that come and go, a kill, and new configuration. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- drift, CPUs that come and go, recovery -- */

static bool truncate_by_child(const char *path) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
                _exit(truncate(path, 0) == 0 ? 0 : 1);
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void test_drift_is_left_alone(void **state) {
        uint32_t cookie;

        configure("[governord]\ndrift = yield\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(EPP, 3), "power");
        check_file(in_root(EPP, 3), "power");
        assert_int_equal(level(GOV_SCOPE_CPU, 3, 512, -1, &cookie), 0); /* no choice of a profile */
        check_file(in_root(EPP, 3), "power");
        assert_int_equal(select_profile("performance"), 0);
        check_epp("performance");
        loop_drain(t.event);
        foreign_write(in_root(EPP, 3), "power");
        end();
        for (int i = 0; i < 8; i++)
                check_file(in_root(EPP, i), i == 3 ? "power" : "balance_performance");
}

static void test_drift_is_answered_a_few_times(void **state) {
        configure("[governord]\ndrift = reassert\ndrift-limit = 2\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        for (int round = 0; round < 4; round++) /* by turns, so that one knob's answers must not forgive the other's */
                for (int cpu = 3; cpu < 5; cpu++) {
                        foreign_write(in_root(EPP, cpu), "power");
                        check_file(in_root(EPP, cpu), round < 2 ? "performance" : "power");
                }
}

/* Another program that puts back what it found has ended its visit. */
static void test_yielded_is_managed_again(void **state) {
        static const struct {
                const char *profile, *theirs;
                bool battery; /* it comes while the knob is yielded, so that another value is wanted */
                const char *back, *after;
        } cases[] = {
                { "performance", "power", false, "performance", "performance" },
                { "balanced", "power", false, "balance_performance", "balance_performance" }, /* never written by the service */
                { "balanced", "performance", true, "balance_performance", "balance_power" },  /* back to what it found */
                { "balanced", "performance", true, "balance_power", "balance_power" },        /* to what is wanted by now */
        };

        laptop();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                manager_set_external_power(t.manager, false, 80);
                assert_int_equal(select_profile(cases[i].profile), 0);
                loop_drain(t.event);
                foreign_write(in_root(EPP, 3), cases[i].theirs);
                check_knob("epp", 3, KNOB_YIELDED, cases[i].theirs);
                if (cases[i].battery)
                        manager_set_external_power(t.manager, true, 80);
                check_file(in_root(EPP, 3), cases[i].theirs);
                foreign_write(in_root(EPP, 3), cases[i].back);
                check_file(in_root(EPP, 3), cases[i].after);
                assert_int_not_equal(find_knob_of("epp", 3)->state, KNOB_YIELDED);
                manager_set_external_power(t.manager, true, 80);
                check_epp(i == 0 ? "performance" : "balance_power");
                manager_set_external_power(t.manager, false, 80);
        }
        assert_int_equal(manager_degraded(t.manager), 0);
}

/* A lower limit is cut to an upper one that the profile leaves alone, and follows it up and down. */
static void test_lower_limit_follows_a_foreign_upper_one(void **state) {
        static const char *const upper[] = { "1000000", "1500000", "4200000", "900000", "3000000" };

        configure("[profile performance]\nmin-freq = 2000000\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        for (size_t i = 0; i < ARRAY_SIZE(upper); i++) {
                foreign_write(in_root("sys/devices/system/cpu/cpufreq/policy%d/scaling_max_freq", 3), upper[i]);
                if (i == 0)
                        assert_int_equal(select_profile("performance"), 0);
                loop_drain(t.event);
                check_knob("min-freq", 3, KNOB_OK, atoi(upper[i]) < 2000000 ? upper[i] : "2000000");
                check_knob("min-freq", 2, KNOB_OK, "2000000");
        }
        end();
        check_file(in_root("sys/devices/system/cpu/cpufreq/policy%d/scaling_min_freq", 3), "400000");
        check_file(in_root("sys/devices/system/cpu/cpufreq/policy%d/scaling_max_freq", 3), "3000000");
}

/* An ordinary file is empty between its truncation and the write. */
static void test_half_a_write_is_no_change(void **state) {
        static const struct {
                const char *file, *knob, *own, *theirs;
        } cases[] = {
                { "cpufreq/policy3/energy_performance_preference", "epp", "performance", "power" },
                { "cpu3/power/energy_perf_bias", "epb", "0", "7" },
        };

        laptop();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                for (int same = 0; same < 2; same++) {
                        const char *path = in_root("sys/devices/system/cpu/%s", cases[i].file),
                                   *then = same ? cases[i].own : cases[i].theirs;

                        assert_int_equal(select_profile("performance"), 0);
                        loop_drain(t.event);
                        wait_certain();
                        assert_true(truncate_by_child(path));
                        while (t.manager->doubts.n == 0)
                                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) > 0);
                        check_knob(cases[i].knob, 3, KNOB_OK, cases[i].own);
                        assert_true(write_by_child(path, then) > 0);
                        wait_certain();
                        check_knob(cases[i].knob, 3, same ? KNOB_OK : KNOB_YIELDED, then);
                        if (!same)
                                assert_string_equal(find_knob_of(cases[i].knob, 3)->changed_from, cases[i].own);
                        assert_int_equal(sd_event_source_get_enabled(t.manager->later.reprobe, NULL), 0);
                }
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        assert_true(truncate_by_child(in_root(EPP, 3))); /* and stays so */
        loop_drain(t.event);
        wait_certain();
        check_knob("epp", 3, KNOB_YIELDED, "");
}

static void move(int policy, bool away) {
        (void) !rename(away ? in_root("sys/devices/system/cpu/cpufreq/policy%d", policy) : in_root("gone%d", policy),
                       away ? in_root("gone%d", policy) : in_root("sys/devices/system/cpu/cpufreq/policy%d", policy));
}

static void test_cpu_leaves_and_returns(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(select_profile("performance"), 0);
        move(6, true);
        manager_reprobe(t.manager, "test");
        loop_drain(t.event);
        assert_int_equal(select_profile("power-saver"), 0);
        move(6, false);
        put(in_root(EPP, 6), "default"); /* as the kernel leaves a CPU that comes up */
        manager_reprobe(t.manager, "test");
        loop_drain(t.event);
        check_epp("power");
        end();
        check_unchanged(before, false);
}

static const char *intel_mode(void) {
        for (size_t i = 0; i < t.manager->machine.n_plugins; i++)
                if (strcmp(t.manager->machine.plugins[i]->name, "intel") == 0)
                        return t.manager->machine.plugins[i]->mode;
        return "";
}

static void test_mode_switch(void **state) {
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        assert_string_equal(intel_mode(), "active");
        for (int i = 0; i < 8; i++) {
                put(in_root(POLICY "scaling_driver", i), "intel_cpufreq\n");
                put(in_root(POLICY "scaling_governor", i), "schedutil\n");
                put(in_root(POLICY "scaling_available_governors", i), "performance schedutil\n");
        }
        foreign_write(in_root("sys/devices/system/cpu/intel_pstate/status"), "passive\n");
        assert_string_equal(intel_mode(), "passive");
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
        end();
        check_file(in_root(POLICY "scaling_governor", 0), "schedutil");
        check_epp("balance_performance");
}

static void test_restores_after_a_kill(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start_and_kill(choose_performance);
        check_epp("performance");
        assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
        put(in_root(EPP, 5), "power\n"); /* another program's meanwhile: stays */
        start();
        check_active("balanced", "start");
        end();
        check_file(in_root(EPP, 5), "power");
        put(in_root(EPP, 5), "balance_performance\n");
        check_unchanged(before, false);
}

/* Whether a value that cannot be read is still ours is not known: its original is kept. */
static void test_unreadable_keeps_its_original(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        for (int readable_again = 0; readable_again < 2; readable_again++) {
                start();
                assert_int_equal(select_profile("performance"), 0);
                scratch_write(in_root(EPP, 3), "\0", 1);
                end();
                assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
                if (readable_again)
                        put(in_root(EPP, 3), "performance\n");
                start();
                check_epp("balance_performance");
                end();
        }
        check_unchanged(before, false);
}

/* Makes the lines of values of the ledger unreadable, or removes them. */
static void damage_values(bool remove) {
        _cleanup_free_ char *text = scratch_read(scratch_path(t.run, "ledger"), NULL), *rest = text;
        _cleanup_free_ char *damaged = calloc(2, strlen(text) + 1);
        char *line;

        while ((line = strsep(&rest, "\n")) && rest)
                if (line[0] != 'w' || !remove)
                        (void) sprintf(damaged + strlen(damaged), "%s%s\n", line[0] == 'w' ? "x" : "", line);
        put(scratch_path(t.run, "ledger"), damaged);
}

/* Who wrote the value that is in place is not known then: it is left alone, and its original is kept until the service writes there. */
static void check_damaged_values(bool remove) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start_and_kill(choose_performance);
        damage_values(remove);
        assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
        for (int starts = 0; starts < 3; starts++) {
                start();
                assert_int_equal(select_profile("nothing"), 0);
                check_epp("performance");
                if (starts == 2)
                        assert_int_equal(select_profile("power-saver"), 0);
                end();
        }
        check_unchanged(before, false);
        end_and_remove();
}

static void test_damaged_values_keep_originals(void **state) {
        configure("[profile balanced]\nepp = leave\nepb = leave\nplatform-profile = leave\nno-turbo = leave\nboost = leave\n"
                  "[profile nothing]\ninherits = balanced\n");
        check_damaged_values(false);
        check_damaged_values(true);
}

/* -- configuration -- */

static void test_reload(void **state) {
        char *errors = NULL;

        laptop();
        configure("[profile power-saver]\nepp = balance_power\n");
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("power");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_null(errors);
        check_epp("balance_power");
        configure("[profile power-saver]\nepp\n[nonsense]\n");
        assert_true(manager_reload(t.manager, &errors) < 0);
        assert_non_null(strstr(errors, "governord.conf:"));
        free(errors);
        check_epp("balance_power");
        check_active("power-saver", "manual");
        assert_int_equal(select_profile("balanced"), 0);
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("balance_power"); /* the last good one */
}

static void test_start_with_broken_configuration(void **state) {
        configure("[profile power-saver]\nepp\n");
        laptop();
        check_active("balanced", "start");
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("power");
}

static void test_reload_without_the_active_profile(void **state) {
        char *errors = NULL;

        configure("[profile quiet]\ninherits = power-saver\nepp = balance_power\n[profile loud]\ninherits = performance\n");
        laptop();
        assert_int_equal(select_profile("quiet"), 0);
        (void) hold("loud", ":1.5", 0);
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
        check_epp("power");
        manager_owner_gone(t.manager, ":1.5");
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
}

static void test_reload_during_a_hold(void **state) {
        char *errors = NULL;

        laptop();
        (void) hold("performance", ":1.5", 0);
        loop_drain(t.event);
        foreign_write(in_root(EPP, 2), "balance_power\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_active("performance", "hold:1");
        check_file(in_root(EPP, 2), "balance_power"); /* no choice of a profile */
        check_file(in_root(EPP, 3), "performance");
}

static void test_reload_blocks_and_unblocks_drivers(void **state) {
        char *errors = NULL;

        configure("[governord]\nblock = intel\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        check_epp("balance_performance");
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        check_epp("performance");
        configure("[governord]\nblock = intel\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        check_epp("balance_performance");
}

static void test_reload_forgets_units(void **state) {
        static const char rule[] = "[rule batch]\nwhen = unit backup.service\nprofile = power-saver\n";
        char *errors = NULL;

        configure(rule);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("power-saver", "rule:batch");
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        manager_forget_units(t.manager); /* as the bus does, which follows no unit now */
        configure(rule);
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_string_equal(manager_active(t.manager)->name, "balanced");
}

static void test_blocked_after_it_was_set(void **state) {
        char *errors = NULL;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        configure("[governord]\nblock = epp\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_epp("balance_performance");
        check_file(in_root(PLATFORM_PROFILE), "performance");
}

static void on_other_changed(uint32_t mask, void *userdata) {
        *(uint32_t *) userdata |= mask;
}

/* Each hears of everything, until it does not want to any more. */
static void test_several_listeners(void **state) {
        uint32_t second = 0;
        struct listener other = { .changed = on_other_changed, .userdata = &second };

        laptop();
        manager_listen(t.manager, &other);
        assert_int_equal(select_profile("performance"), 0);
        assert_true((t.changed & CHANGED_ACTIVE) && second == t.changed);
        manager_unlisten(t.manager, &t.listener);
        t.changed = second = 0;
        assert_int_equal(select_profile("balanced"), 0);
        assert_true(t.changed == 0 && (second & CHANGED_ACTIVE));
        manager_unlisten(t.manager, &other);
        second = 0;
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(second, 0);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_several_listeners),
                TEST(test_drift_is_left_alone),
                TEST(test_drift_is_answered_a_few_times),
                TEST(test_yielded_is_managed_again),
                TEST(test_lower_limit_follows_a_foreign_upper_one),
                TEST(test_half_a_write_is_no_change),
                TEST(test_cpu_leaves_and_returns),
                TEST(test_mode_switch),
                TEST(test_restores_after_a_kill),
                TEST(test_unreadable_keeps_its_original),
                TEST(test_damaged_values_keep_originals),
                TEST(test_reload),
                TEST(test_start_with_broken_configuration),
                TEST(test_reload_without_the_active_profile),
                TEST(test_reload_during_a_hold),
                TEST(test_reload_blocks_and_unblocks_drivers),
                TEST(test_reload_forgets_units),
                TEST(test_blocked_after_it_was_set),
        };

        if (!take_arguments("test-manager-life", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-life", tests, NULL, NULL);
}
