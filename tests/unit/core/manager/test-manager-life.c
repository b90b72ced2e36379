/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager over time: writes of other programs, CPU hotplug, a kill, and new configurations. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- drift, CPU hotplug, recovery -- */

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
        assert_int_equal(level(GOV_SCOPE_CPU, 3, 512, -1, &cookie), 0); /* is not a choice of a profile */
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
        for (int round = 0; round < 4; round++) /* alternately, to show that each knob has its own counter */
                for (int cpu = 3; cpu < 5; cpu++) {
                        foreign_write(in_root(EPP, cpu), "power");
                        check_file(in_root(EPP, cpu), round < 2 ? "performance" : "power");
                }
}

/* When another program restores the value that it found, the service manages the knob again. */
static void test_yielded_is_managed_again(void **state) {
        static const struct {
                const char *profile, *theirs;
                bool battery; /* a change to battery changes the target while the knob is yielded */
                const char *back, *after;
        } cases[] = {
                { "performance", "power", false, "performance", "performance" },
                { "balanced", "power", false, "balance_performance", "balance_performance" }, /* not written by the service */
                { "balanced", "performance", true, "balance_performance", "balance_power" },  /* restores the value that it found */
                { "balanced", "performance", true, "balance_power", "balance_power" },        /* writes the present target */
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

/* A lower limit is cut to an upper limit that the profile does not set, and follows its changes. */
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

/* An ordinary file is empty for a moment between its truncation and the write, which is not a change of the value. */
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
        assert_true(truncate_by_child(in_root(EPP, 3))); /* and not written afterwards */
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
        put(in_root(EPP, 6), "default"); /* the value of a CPU that comes online */
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
        put(in_root(EPP, 5), "power\n"); /* another program wrote it meanwhile, so it is kept */
        start();
        check_active("balanced", "start");
        end();
        check_file(in_root(EPP, 5), "power");
        put(in_root(EPP, 5), "balance_performance\n");
        check_unchanged(before, false);
}

/* If a value cannot be read, it is unknown whether the service wrote it, so its original value is kept in the ledger. */
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

/* Damages or removes the lines of written values in the ledger. */
static void damage_values(bool remove) {
        _cleanup_free_ char *text = scratch_read(scratch_path(t.run, "ledger"), NULL), *rest = text;
        _cleanup_free_ char *damaged = calloc(2, strlen(text) + 1);
        char *line;

        while ((line = strsep(&rest, "\n")) && rest)
                if (line[0] != 'w' || !remove)
                        (void) sprintf(damaged + strlen(damaged), "%s%s\n", line[0] == 'w' ? "x" : "", line);
        put(scratch_path(t.run, "ledger"), damaged);
}

/* With such a ledger it is unknown which program wrote the present value: it is not changed, and its original value is kept until
 * the service writes the knob. */
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
        check_epp("balance_power"); /* the last valid configuration */
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
        check_file(in_root(EPP, 2), "balance_power"); /* a reload is not a choice of a profile */
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
        manager_forget_units(t.manager); /* like dbus/, which follows no unit now */
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

/* Each listener is notified of all changes until it is removed. */
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
