/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager without a bus, with the real drivers on simulated machines: the profile in force and the values in hardware files
 * after each choice, hold or event. Further tests are in test-manager-*.c. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- profiles -- */

static void test_start_applies_saved_profile(void **state) {
        make("intel-client-hwp", NULL);
        assert_int_equal(mkdir(t.state, 0755), 0);
        put(scratch_path(t.state, "state.ini"), "[State]\nProfile=power-saver\n");
        start();
        check_active("power-saver", "start");
        check_epp("power");
        check_file(in_root(PLATFORM_PROFILE), "low-power");
}

static void test_start_without_choice(void **state) {
        laptop();
        check_active("balanced", "start");
        check_epp("balance_performance");
        assert_int_equal(manager_degraded(t.manager), 0);
}

static void test_select_each_and_stop_restores(void **state) {
        static const char *const steps[][3] = {
                { "power-saver", "power", "low-power" },
                { "performance", "performance", "performance" },
                { "balanced", "balance_performance", "balanced" },
                { "performance", "performance", "performance" },
        };
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                t.changed = 0;
                assert_int_equal(select_profile(steps[i][0]), 0);
                check_active(steps[i][0], "manual");
                check_epp(steps[i][1]);
                check_file(in_root(PLATFORM_PROFILE), steps[i][2]);
                assert_true(t.changed & CHANGED_ACTIVE);
                assert_int_equal(manager_degraded(t.manager), 0);
        }
        end();
        check_unchanged(before, false);
        start(); /* the choice was saved */
        check_active("performance", "start");
        check_epp("performance");
}

static void test_unknown_and_unavailable(void **state) {
        struct message message;

        make("vm-no-cpufreq", NULL);
        start();
        assert_int_equal(manager_select(t.manager, "turbo", "test", &message), -ENOENT);
        assert_string_equal(message.text, "Invalid profile name 'turbo'");
        assert_int_equal(manager_select(t.manager, "performance", "test", &message), -EOPNOTSUPP);
        assert_string_equal(message.text, "Cannot switch to unavailable profile 'performance'");
        assert_int_equal(select_profile("power-saver"), 0);
        check_active("power-saver", "manual");
}

static void test_custom_profile(void **state) {
        configure("[profile quiet]\ninherits = power-saver\nepp = balance_power\n");
        laptop();
        assert_int_equal(select_profile("quiet"), 0);
        check_epp("balance_power");
        check_file(in_root(PLATFORM_PROFILE), "low-power");
        assert_int_equal(select_profile("balanced"), 0);
        check_epp("balance_performance");
}

/* -- holds -- */

/* Every combination of up to three holds, released in every order. */
static void test_hold_rule(void **state) {
        static const char *const names[] = { "power-saver", "performance" };
        static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

        laptop();
        for (unsigned int kinds = 0; kinds < 8; kinds++)
                for (size_t o = 0; o < 6; o++) {
                        uint32_t cookies[3];
                        bool held[3] = { true, true, true };

                        for (unsigned int i = 0; i < 3; i++)
                                cookies[i] = hold(names[kinds >> i & 1], ":1.5", 0);
                        for (unsigned int released = 0; released <= 3; released++) {
                                const char *expected = "balanced";

                                for (int i = 0; i < 3; i++)
                                        if (held[i] && strcmp(expected, "power-saver") != 0)
                                                expected = names[kinds >> i & 1];
                                assert_string_equal(manager_active(t.manager)->name, expected);
                                if (released < 3) {
                                        assert_int_equal(manager_release(t.manager, cookies[orders[o][released]], ":1.5", "a test"),
                                                         0);
                                        held[orders[o][released]] = false;
                                }
                        }
                }
        check_epp("balance_performance");
}

static void test_hold_ends(void **state) {
        uint32_t a, b;
        char cause[32];

        laptop();
        a = hold("performance", ":1.5", 0);
        b = hold("performance", ":1.6", 0);
        (void) snprintf(cause, sizeof(cause), "hold:%u", a);
        check_active("performance", cause);
        assert_string_equal(manager_selected(t.manager)->name, "balanced");
        manager_weigh_requests(t.manager);
        assert_int_equal(requests_find(manager_requests(t.manager), a)->floor_effect, EFFECT_YES);
        assert_int_equal(requests_find(manager_requests(t.manager), b)->floor_effect, EFFECT_OTHER_HOLD);
        assert_int_equal(manager_release(t.manager, a, ":1.6", "a test"), -EPERM);
        assert_int_equal(manager_release(t.manager, 999, NULL, "a test"), -ENOENT);
        manager_owner_gone(t.manager, ":1.5");
        assert_string_equal(t.ended, "owner-gone");
        check_epp("performance");
        assert_int_equal(manager_release(t.manager, b, NULL, "a test"), 0);
        assert_string_equal(t.ended, "released");
        check_epp("balance_performance");
        assert_int_equal(t.n_ended, 2);
}

static void test_hold_deadline(void **state) {
        uint64_t until = loop_now() + LOOP_DEADLINE_USEC;

        laptop();
        (void) hold("performance", ":1.5", 1000);
        (void) hold("power-saver", ":1.5", UINT64_MAX); /* without an end */
        while (t.n_ended == 0 && loop_now() < until)
                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) >= 0);
        assert_string_equal(t.ended, "deadline");
        assert_int_equal(manager_requests(t.manager)->n, 1);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
}

static void test_manual_choice_ends_holds(void **state) {
        laptop();
        (void) hold("power-saver", ":1.5", 0);
        assert_int_equal(select_profile("power-saver"), 0); /* the choice of the held profile does not end the hold */
        assert_int_equal(t.n_ended, 0);
        assert_int_equal(manager_requests(t.manager)->n, 1);
        assert_int_equal(select_profile("performance"), 0);
        assert_string_equal(t.ended, "manual-switch");
        assert_int_equal(manager_requests(t.manager)->n, 0);
        check_active("performance", "manual");
}

static void test_too_many_requests(void **state) {
        uint32_t cookie;

        configure("[governord]\nmax-requests-per-client = 3\n");
        laptop();
        for (int i = 0; i < 3; i++)
                assert_int_equal(level(GOV_SCOPE_CPU, 0, 1, -1, &cookie), 0);
        assert_int_equal(level(GOV_SCOPE_CPU, 0, 1, -1, &cookie), -EDQUOT);
}

static int request_of(uid_t uid, const char *owner) {
        const struct request template = { .kind = REQUEST_LEVEL,
                                          .door = DOOR_GOVERNORD,
                                          .uid = uid,
                                          .owner = (char *) owner,
                                          .application = (char *) "",
                                          .reason = (char *) "",
                                          .pidfd = -1,
                                          .scope = GOV_SCOPE_CPU,
                                          .floor = 1,
                                          .ceiling = -1 };
        struct message message = {};
        uint32_t cookie;
        int r = manager_request(t.manager, &template, &cookie, &message);

        if (r == -EDQUOT)
                assert_true(message.text[0] != '\0');
        return r;
}

/* The limit applies to all connections of a user, and does not affect another user or root. */
static void test_too_many_requests_of_a_user(void **state) {
        char owner[24];

        configure("[governord]\nrequests-per-user = 3\n");
        laptop();
        for (int i = 0; i < 4; i++) {
                (void) TEXT_FORMAT(owner, ":1.%d", i);
                assert_int_equal(request_of(1000, owner), i < 3 ? 0 : -EDQUOT);
        }
        assert_int_equal(request_of(1001, ":1.20"), 0);
        for (int i = 0; i < 4; i++)
                assert_int_equal(request_of(0, ":1.30"), 0);
        manager_owner_gone(t.manager, ":1.0");
        assert_int_equal(request_of(1000, ":1.40"), 0);
}

/* When all users together have reached the limit, root can still make requests. */
static void test_requests_of_all_users(void **state) {
        const struct request template = { .kind = REQUEST_LEVEL,
                                          .door = DOOR_GOVERNORD,
                                          .uid = 1000,
                                          .owner = (char *) ":1.1",
                                          .pidfd = -1,
                                          .scope = GOV_SCOPE_CPU,
                                          .floor = 1,
                                          .ceiling = -1 };
        struct request *request;

        laptop();
        for (int i = 0; i < 4096; i++)
                assert_int_equal(requests_add(&t.manager->requests, &template, &request), 0);
        assert_int_equal(request_of(1001, ":1.2"), -EDQUOT);
        assert_int_equal(request_of(0, ":1.3"), 0);
}

static void test_process_ends(void **state) {
        struct request template = { .kind = REQUEST_PROFILE,
                                    .door = DOOR_PPD,
                                    .owner = (char *) ":1.5",
                                    .application = (char *) "",
                                    .reason = (char *) "",
                                    .profile = "performance" };
        struct message message;
        uint32_t cookie;
        int pipes[2];
        bool gone = false;

        laptop();
        assert_int_equal(pipe(pipes), 0); /* when its other end is closed, it is readable like a pidfd */
        template.pidfd = pipes[0];
        assert_int_equal(manager_request(t.manager, &template, &cookie, &message), 0);
        assert_int_equal(write(pipes[1], "x", 1), 1);
        loop_drain(t.event);
        gone = manager_requests(t.manager)->n == 0;
        assert_true(gone);
        check_active("balanced", "start");
        (void) close(pipes[1]);
}

/* -- choices by the firmware -- */

static void test_firmware_key(void **state) {
        laptop();
        (void) hold("power-saver", ":1.5", 0);
        foreign_write(in_root(PLATFORM_PROFILE), "performance");
        check_active("performance", "firmware");
        check_epp("performance");
        assert_string_equal(t.ended, "manual-switch");
        end();
        check_file(in_root(PLATFORM_PROFILE), "performance"); /* the value that the key set is kept */
        check_epp("balance_performance");
        start();
        check_active("performance", "start");
}

/* -- machines -- */

/* A key selects a firmware mode that no profile has: it stays until a profile is chosen, regardless of other events. */
static void test_firmware_mode_stays(void **state) {
        static const char *const choices[] = { "CHOICES=low-power balanced performance custom", "PROFILE=balanced", NULL };
        char *errors = NULL;
        uint32_t cookie;

        make("intel-client-hwp", choices);
        start();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(PLATFORM_PROFILE), "custom");
        for (int step = 0; step < 8; step++) {
                switch (step) {
                case 0:
                        manager_set_external_power(t.manager, false, 99);
                        break;
                case 1:
                        manager_set_external_power(t.manager, true, 99);
                        break;
                case 2:
                        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 900, &cookie), 0);
                        break;
                case 3:
                        assert_int_equal(manager_release(t.manager, cookie, NULL, "a test"), 0);
                        break;
                case 4:
                        assert_int_equal(manager_reload(t.manager, &errors), 0);
                        break;
                case 5:
                        (void) hold("performance", ":1.5", 0);
                        break;
                case 6:
                        manager_reprobe(t.manager, "test");
                        break;
                case 7:
                        manager_resumed(t.manager);
                        break;
                }
                loop_drain(t.event);
                check_file(in_root(PLATFORM_PROFILE), "custom");
                check_epp("performance");
        }
        assert_string_equal(manager_active(t.manager)->name, "performance");
        assert_int_equal(select_profile("performance"), 0);
        check_file(in_root(PLATFORM_PROFILE), "performance");
}

/* The original value is not restored if a key has selected such a mode. */
static void test_firmware_mode_outlives_the_service(void **state) {
        static const char *const choices[] = { "CHOICES=low-power balanced performance custom", "PROFILE=balanced", NULL };

        make("intel-client-hwp", choices);
        start();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(PLATFORM_PROFILE), "custom");
        end();
        check_file(in_root(PLATFORM_PROFILE), "custom");
        check_epp("balance_performance");
}

/* Further presses of the key leave such a mode for the profile in force or another one. A hold of another profile leaves it,
 * too. */
static void test_firmware_mode_is_left_by(void **state) {
        static const char *const choices[] = { "CHOICES=low-power balanced performance max-power custom", "PROFILE=balanced",
                                               NULL };
        static const char *const keys[][2] = { { "performance", "performance" },
                                               { "max-power", "performance" },
                                               { "low-power", "power-saver" } };

        make("intel-client-hwp", choices);
        start();
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                assert_int_equal(select_profile("performance"), 0);
                loop_drain(t.event);
                foreign_write(in_root(PLATFORM_PROFILE), "custom");
                check_knob("platform-profile", 0, KNOB_YIELDED, "custom");
                foreign_write(in_root(PLATFORM_PROFILE), keys[i][0]);
                check_file(in_root(PLATFORM_PROFILE), keys[i][0]);
                assert_int_not_equal(find_knob_of("platform-profile", 0)->state, KNOB_YIELDED);
                assert_string_equal(manager_active(t.manager)->name, keys[i][1]);
        }
        foreign_write(in_root(PLATFORM_PROFILE), "custom");
        (void) hold("performance", ":1.5", 0);
        check_file(in_root(PLATFORM_PROFILE), "performance");
}

/* If sleep resets the mode of the firmware, the profile is applied again. */
static void test_firmware_mode_reset_by_sleep(void **state) {
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(PLATFORM_PROFILE), "custom");
        put(in_root(PLATFORM_PROFILE), "balanced");
        manager_resumed(t.manager);
        check_file(in_root(PLATFORM_PROFILE), "performance");
}

/* -- profiles that the firmware imposes -- */

static void change_circumstance(enum circumstance which, bool on) {
        uint64_t before = t.manager->choice.circumstance_usec[which];

        if (which == ON_BATTERY)
                manager_set_external_power(t.manager, on, 80);
        else
                foreign_write(in_root(LAP_MODE), on ? "1" : "0");
        assert_true(t.manager->choice.circumstance_usec[which] != before);
        t.manager->choice.circumstance_usec[which] = clock_usec(CLOCK_BOOTTIME); /* even if the test is slow */
}

static void firmware_writes(const char *value, const char *active, const char *cause, const char *selected) {
        foreign_write(in_root(PLATFORM_PROFILE), value);
        check_active(active, cause);
        assert_string_equal(manager_selected(t.manager)->name, selected);
}

/* The firmware leaves "performance" on a lap or without the charger: the service follows until this circumstance ends. */
static void test_imposed_profile_ends_with_its_reason(void **state) {
        laptop();
        for (int which = 0; which < CIRCUMSTANCES; which++) {
                assert_int_equal(select_profile("performance"), 0);
                loop_drain(t.event);
                change_circumstance(which, true);
                firmware_writes("balanced", "balanced", "firmware", "performance");
                check_epp(which == ON_BATTERY ? "balance_power" : "balance_performance");
                assert_string_equal(t.manager->state.profile, "performance"); /* used after a restart */
                manager_set_external_power(t.manager, which == ON_BATTERY, 79);
                check_active("balanced", "firmware");
                change_circumstance(which, false);
                check_active("performance", "manual");
                check_file(in_root(PLATFORM_PROFILE), "performance");
                check_epp("performance");
        }
}

/* The event of an imposed profile may arrive before that of its circumstance. */
static void test_imposed_profile_is_seen_first(void **state) {
        laptop();
        for (int which = 0; which < CIRCUMSTANCES; which++) {
                assert_int_equal(select_profile("performance"), 0);
                loop_drain(t.event);
                t.manager->choice.circumstance_usec[ON_LAP] = 0; /* reset from the last round */
                firmware_writes("balanced", "balanced", "firmware", "balanced");
                t.manager->choice.key.usec = clock_usec(CLOCK_BOOTTIME);
                change_circumstance(which, true);
                check_active("balanced", "firmware");
                assert_string_equal(manager_selected(t.manager)->name, "performance");
                assert_string_equal(t.manager->state.profile, "performance");
                change_circumstance(which, false);
                check_active("performance", "manual");
        }
}

/* Long before or after a circumstance, a change of the firmware profile is a key press, which is a choice. */
static void test_key_is_a_choice(void **state) {
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        change_circumstance(ON_LAP, true);
        t.manager->choice.circumstance_usec[ON_LAP] = 1;
        firmware_writes("balanced", "balanced", "firmware", "balanced");
        t.manager->choice.key.usec = 1;
        change_circumstance(ON_LAP, false);
        check_active("balanced", "firmware");
        assert_string_equal(t.manager->state.profile, "balanced");
}

/* A choice ends an imposed profile, a hold overrides it, and a reload does not change it. */
static void test_imposed_profile_and_others(void **state) {
        char *errors = NULL;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        change_circumstance(ON_LAP, true);
        firmware_writes("balanced", "balanced", "firmware", "performance");
        (void) hold("power-saver", ":1.5", 0);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
        manager_owner_gone(t.manager, ":1.5");
        check_active("balanced", "firmware");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_active("balanced", "firmware");
        assert_int_equal(select_profile("balanced"), 0);
        check_active("balanced", "manual");
        change_circumstance(ON_LAP, false);
        check_active("balanced", "manual");
}

static char told[256]; /* values of platform-profile that were reported to the listener, in order */

static void on_knobs(const struct change_summary *summary, void *userdata) {
        size_t used = strlen(told);

        if (strcmp(summary->knob, "platform-profile") == 0)
                (void) snprintf(told + used, sizeof(told) - used, "%s by %s; ", summary->new_value,
                                strchr(summary->who, '[') ? "another" : summary->who);
}

/* The new mode of the firmware is noticed before the end of lap mode, which then causes another decision: both changes are reported
 * in this order. */
static void test_firmware_is_reported_before_the_answer(void **state) {
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        change_circumstance(ON_LAP, true);
        firmware_writes("low-power", "power-saver", "firmware", "performance");
        put(in_root(LAP_MODE), "0\n"); /* writes of this process cause no event */
        t.listener.knobs_changed = on_knobs;
        told[0] = '\0';
        foreign_write(in_root(PLATFORM_PROFILE), "balanced");
        assert_string_equal(told,
                            "balanced by another; performance by governord; balanced by another; "); /* the last is the answer */
}

/* A key that selects an unavailable profile is treated like one that selects a mode that no profile has: the value stays. */
static void test_key_to_an_unavailable_profile(void **state) {
        static const char *const defines[] = { "CHOICES=low-power performance", "PROFILE=low-power", NULL };

        configure("[profile balanced]\nplatform-profile = low-power\n");
        t.options.block_drivers = "amd cpufreq";
        make("amd-client-epp", defines);
        start();
        assert_false(manager_profile_available(t.manager, config_profile(t.manager->config, "performance")));
        foreign_write(in_root(PLATFORM_PROFILE), "performance");
        check_file(in_root(PLATFORM_PROFILE), "performance");
        check_active("balanced", "start");
        assert_string_equal(manager_selected(t.manager)->name, "balanced");
        assert_string_equal(t.manager->state.profile, "");
}

/* A change by the firmware while a rule determines the profile is drift. */
static void test_imposed_profile_against_a_rule(void **state) {
        configure("[rule batch]\nwhen = unit backup.service\nprofile = performance\n");
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        loop_drain(t.event);
        change_circumstance(ON_LAP, true);
        firmware_writes("balanced", "performance", "rule:batch", "balanced");
        check_knob("platform-profile", 0, KNOB_YIELDED, "balanced");
        manager_set_unit_active(t.manager, "backup.service", false);
        check_active("balanced", "start");
}

/* -- causes -- */

/* When a hold or a rule ends, the cause is that of the selected profile again. */
static void test_cause_of_before_comes_back(void **state) {
        static const char *const origins[] = { "start", "manual", "firmware" };

        configure("[rule batch]\nwhen = unit backup.service\nprofile = power-saver\n");
        laptop();
        for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
                const char *selected = i == 2 ? "performance" : "balanced";

                if (i == 1)
                        assert_int_equal(select_profile("balanced"), 0);
                if (i == 2)
                        foreign_write(in_root(PLATFORM_PROFILE), "performance");
                check_active(selected, origins[i]);
                (void) hold("power-saver", ":1.5", 0);
                manager_owner_gone(t.manager, ":1.5");
                check_active(selected, origins[i]);
                manager_set_unit_active(t.manager, "backup.service", true);
                check_active("power-saver", "rule:batch");
                (void) hold("performance", ":1.5", 0);
                manager_owner_gone(t.manager, ":1.5");
                check_active("power-saver", "rule:batch");
                manager_set_unit_active(t.manager, "backup.service", false);
                check_active(selected, origins[i]);
        }
}

static void test_refused_root(void **state) {
        t.options.root = "/nonexistent";
        assert_int_equal(manager_new(t.event, &t.options, &t.manager), -ENOENT);
        assert_null(t.manager);
}

/* On each simulated machine, every available profile is chosen, and then everything is restored. */
static void test_every_machine(void **state) {
        static const char *const trees[] = { "amd-client-epp",    "amd-passive",          "amd-server-acpi-cpufreq",
                                             "amd-server-venice", "arm64-biglittle-scmi", "arm64-cppc-server",
                                             "cpufreq-dt-board",  "intel-hybrid",         "intel-passive",
                                             "intel-pre-hwp",     "intel-server",         "vm-no-cpufreq" };

        for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
                struct snapshot *before;

                make(trees[i], NULL);
                before = take_snapshot();
                start();
                for (int base = 0; base < PROFILE_BASE_COUNT; base++) {
                        const struct profile *profile = config_profile(manager_config(t.manager), profile_base_names[base]);

                        if (!manager_profile_available(t.manager, profile))
                                continue;
                        if (select_profile(profile->name) < 0)
                                fail_msg("%s refuses %s", trees[i], profile->name);
                        if (manager_degraded(t.manager) & DEGRADED_KNOBS)
                                fail_msg("%s: knobs failed with %s", trees[i], profile->name);
                }
                end();
                check_unchanged(before, false);
                assert_int_equal(fixture_remove(t.root), 0);
                assert_int_equal(fixture_remove(t.state), 0);
        }
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_firmware_is_reported_before_the_answer),
                TEST(test_key_to_an_unavailable_profile),
                TEST(test_start_applies_saved_profile),
                TEST(test_start_without_choice),
                TEST(test_select_each_and_stop_restores),
                TEST(test_unknown_and_unavailable),
                TEST(test_custom_profile),
                TEST(test_hold_rule),
                TEST(test_hold_ends),
                TEST(test_hold_deadline),
                TEST(test_manual_choice_ends_holds),
                TEST(test_too_many_requests),
                TEST(test_too_many_requests_of_a_user),
                TEST(test_requests_of_all_users),
                TEST(test_process_ends),
                TEST(test_firmware_key),
                TEST(test_firmware_mode_stays),
                TEST(test_firmware_mode_outlives_the_service),
                TEST(test_firmware_mode_is_left_by),
                TEST(test_firmware_mode_reset_by_sleep),
                TEST(test_imposed_profile_ends_with_its_reason),
                TEST(test_imposed_profile_is_seen_first),
                TEST(test_key_is_a_choice),
                TEST(test_imposed_profile_and_others),
                TEST(test_imposed_profile_against_a_rule),
                TEST(test_cause_of_before_comes_back),
                TEST(test_refused_root),
                TEST(test_every_machine),
        };

        if (!take_arguments("test-manager", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager", tests, NULL, NULL);
}
