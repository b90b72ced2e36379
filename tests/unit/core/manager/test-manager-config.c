/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager and its configuration: errors, after which the old configuration stays in force, lines without effect, and messages
 * in the journal. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/machine/advice.h"
#include "tests/unit/core/manager/manager-case.h"

/* Calls a function; returns what it has logged. The caller must free the text. */
static char *logged(void (*what)(void)) {
        char *text = calloc(1, 65536);
        int fds[2], out = dup(STDOUT_FILENO);

        assert_non_null(text);
        assert_true(out >= 0 && pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
        (void) fflush(stdout);
        assert_int_equal(dup2(fds[1], STDOUT_FILENO), STDOUT_FILENO);
        log_open("test", 5, false);
        what();
        log_open("test", 2, false);
        (void) fflush(stdout);
        assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
        (void) close(out);
        (void) close(fds[1]);
        assert_true(read(fds[0], text, 65535) >= 0);
        (void) close(fds[0]);
        return text;
}

static int count(const char *text, const char *words) {
        int n = 0;

        for (text = strstr(text, words); text; text = strstr(text + 1, words))
                n++;
        return n;
}

static void text_in_order(const char *text, const char *const *parts) {
        for (; *parts; parts++) {
                const char *found = strstr(text, *parts);

                if (!found)
                        fail_msg("\"%s\" is not in, or not in this place of: %s", *parts, text);
                text = found;
        }
}

static void test_error_is_shown(void **state) {
        char *errors = NULL;

        configure("[profile power-saver]\nepp\n[nonsense]\n");
        laptop();
        assert_int_equal(manager_degraded(t.manager), DEGRADED_CONFIG);
        assert_non_null(
                strstr(manager_config_error(t.manager), "governord.conf:2: the line is neither a [heading] nor KEY = VALUE"));
        assert_null(strchr(manager_config_error(t.manager), '\n'));
        assert_non_null(strstr(manager_config_error(t.manager), " (and 1 more)"));
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_int_equal(manager_degraded(t.manager), 0);
        assert_string_equal(manager_config_error(t.manager), "");
        configure("[nonsense]\n");
        t.changed = 0;
        assert_true(manager_reload(t.manager, &errors) < 0);
        free(errors);
        assert_true(t.changed & CHANGED_DEGRADED);
        assert_int_equal(manager_degraded(t.manager), DEGRADED_CONFIG);
        assert_non_null(strstr(manager_config_error(t.manager), "unknown section [nonsense]"));
}

static char lines[4096];

static void take_line(const struct ineffective_line *line, void *userdata) {
        (void) snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s: %s\n", strrchr(line->origin, '/') + 1,
                        line->reason);
}

static void check_lines(const char *expected) {
        lines[0] = '\0';
        manager_each_ineffective(t.manager, take_line, NULL);
        assert_string_equal(lines, expected);
}

static int take_explained(const struct explain_view *view, void *userdata) {
        if (view->domain[0] == '\0')
                (void) snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s|%s|%.40s\n", view->knob, view->driver,
                                view->limiter);
        return 0;
}

static void test_lines_without_effect(void **state) {
        configure(
                "[governord]\nenable = uncore\n[profile balanced]\nep = x\nepp = balance_perfomance\namd.boost = 0\nmax-freq@battery = 3GHz\n"
                "[profile quiet]\ninherits = power-saver\nfoo = 1\nepp@battery = power\n");
        laptop();
        check_lines(
                "governord.conf:5: epp offers none of \"balance_perfomance\" here, did you mean \"balance_performance\"?\n"
                "governord.conf:6: this machine has no amd.boost\n"
                "governord.conf:4: no driver has a knob \"ep\", did you mean \"epp\" or \"epb\"?\n"
                "governord.conf:2: enable: \"uncore\" names no driver, knob or action, did you mean \"uncore-min-freq\" or \"uncore-max-freq\"?\n");
        assert_int_equal(manager_explain(t.manager, "quiet", take_explained, (lines[0] = '\0', NULL)), 0);
        assert_string_equal(lines, "foo||no effect here: no driver has a knob \"fo\n");
        assert_int_equal(select_profile("quiet"), 0);
        check_lines(
                "governord.conf:10: no driver has a knob \"foo\"\n"
                "governord.conf:2: enable: \"uncore\" names no driver, knob or action, did you mean \"uncore-min-freq\" or \"uncore-max-freq\"?\n");
}

/* Lines without effect are determined once, because any client may query them, and again only after an event that may change the
 * result. */
static void test_lines_are_looked_for_once(void **state) {
        const struct ineffective_line *first = NULL;
        char *errors = NULL;

        configure("[profile balanced]\npump = 1\nplatform-profile = fast\n[profile performance]\npump = 2\n");
        laptop();
        for (int i = 0; i < 2; i++) {
                check_lines("governord.conf:3: platform-profile offers none of \"fast\" here, only low-power balanced performance\n"
                            "governord.conf:2: no driver has a knob \"pump\"\n");
                assert_true(i == 0 || t.manager->ineffective.items == first);
                first = t.manager->ineffective.items;
        }
        assert_int_equal(unlink(in_root(PLATFORM_PROFILE)), 0);
        manager_reprobe(t.manager, "test");
        loop_drain(t.event);
        check_lines("governord.conf:3: this machine has no platform-profile\n"
                    "governord.conf:2: no driver has a knob \"pump\"\n");
        assert_int_equal(select_profile("performance"), 0);
        check_lines("governord.conf:5: no driver has a knob \"pump\"\n");
        configure("\n[profile performance]\npump = 2\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_lines("governord.conf:3: no driver has a knob \"pump\"\n");
        assert_int_equal(select_profile("balanced"), 0);
        check_lines("");
}

static int take_limiter(const struct explain_view *view, void *userdata) {
        if (strcmp(view->knob, userdata) == 0 && lines[0] == '\0')
                (void) snprintf(lines, sizeof(lines), "%s", view->limiter);
        return 0;
}

/* The message about a value out of range contains the range with its unit. */
static void test_values_out_of_range(void **state) {
        configure("[profile balanced]\nmax-freq = 90GHz\npl1 = 1uW\n");
        laptop();
        check_lines("governord.conf:2: max-freq offers none of \"90GHz\" here, only from 400000 to 4200000 kHz\n"
                    "governord.conf:3: pl1 offers none of \"1uW\" here, only 1000000 uW and more\n");
        assert_int_equal(manager_explain(t.manager, "balanced", take_limiter, (lines[0] = '\0', "max-freq")), 0);
        assert_non_null(strstr(lines, "none of \"90GHz\" is available ("));
        assert_non_null(strstr(lines, "governord.conf:2), only from 400000 to 4200000 kHz"));
}

/* An invalid value is reported as such, before it is compared with the values that the machine offers. For switches, the words are
 * listed. */
static void test_values_of_another_kind(void **state) {
        configure("[profile balanced]\nmax-freq = 15W\nboost = of\nboost@battery = 2\nenergy = 5\nepb = 16\nmax-freq@ac = 120%\n"
                  "min-freq = 400\ndrift = yield\n");
        make("intel-hybrid", NULL);
        start();
        check_lines("governord.conf:6: epb offers none of \"16\" here, only from 0 to 15\n"
                    "governord.conf:2: max-freq must be a frequency (kHz, MHz, GHz or %); \"15W\" is not valid\n"
                    "governord.conf:3: boost must be a switch (on or off); \"of\" is not valid\n"
                    "governord.conf:4: boost offers none of \"2\" here, only on or off\n"
                    "governord.conf:5: energy is read-only\n"
                    "governord.conf:7: max-freq offers none of \"120%\" here, only from 400000 to 4700000 kHz (policy0) "
                    "or from 400000 to 5000000 kHz (policy4) or from 400000 to 3700000 kHz (policy8)\n"
                    "governord.conf:8: min-freq offers none of \"400\" here, only from 400000 to 4700000 kHz (policy0) "
                    "or from 400000 to 5000000 kHz (policy4) or from 400000 to 3700000 kHz (policy8)\n"
                    "governord.conf:9: drift is a key of section [governord] and has no effect in a profile\n");
}

/* A line for a domain that does not exist. */
static void test_lines_for_a_part_that_is_not_there(void **state) {
        configure(
                "[profile balanced]\nmax-freq@cpu99 = 60%\nmax-freq@ac@policy77 = 60%\nmax-freq@cpu3 = 60%\nmax-freq@package0 = 60%\n"
                "max-freq@node = 60%\nplatform-profile@cpu1 = balanced\nepp@device5 = power\n");
        make("intel-client-hwp", NULL);
        start();
        check_lines("governord.conf:2: no max-freq of this machine belongs to cpu99\n"
                    "governord.conf:3: no max-freq of this machine belongs to policy77\n"
                    "governord.conf:8: no epp of this machine belongs to device5\n");
}

static void reload(void) {
        char *errors = NULL;

        assert_int_equal(manager_reload(t.manager, &errors), 0);
}

static void reload_and_settle(void) {
        reload();
        loop_drain(t.event);
}

static bool lacks_slak(const char *name, char *ret, void *userdata) {
        (*(unsigned *) userdata)++;
        (void) snprintf(ret, ADVICE_MAX, "there is no governor \"%s\"", name);
        return strcmp(name, "slak") == 0;
}

static void start_judged(void) {
        static unsigned asked;

        assert_int_equal(manager_new(t.event, &t.options, &t.manager), 0);
        manager_judge_governors(t.manager, &(struct governor_judge){ lacks_slak, &asked });
        assert_int_equal(manager_start(t.manager), 0);
        assert_true(asked > 0);
}

/* Lines outside of profiles are reported regardless of the profile in force. */
static void test_governor_and_overridden(void **state) {
        _cleanup_free_ char *text = NULL;

        configure("[governord]\ngovernor = slak\ndrift = yield\ndrift = reassert\n[profile quiet]\nepp = power\nepp = power\n");
        make("intel-client-hwp", NULL);
        text = logged(start_judged);
        text_in_order(text, (const char *[]){ "governord.conf:2: warning: no effect here: there is no governor \"slak\"",
                                              "governord.conf:3: warning: no effect here: overridden by line 4",
                                              "governord.conf:6: warning: no effect here: overridden by line 7", NULL });
        check_lines("governord.conf:3: overridden by line 4\ngovernord.conf:6: overridden by line 7\n"
                    "governord.conf:2: there is no governor \"slak\"\n");
        configure("[governord]\ngovernor = slack\n");
        reload_and_settle();
        check_lines("");
}

static void test_enable_by_driver_and_knob(void **state) {
        configure("[governord]\nblock = intel.epp\n[profile balanced]\nepp = power\n");
        laptop();
        check_epp("balance_performance");
        check_lines("governord.conf:4: epp is not used: it is blocked, not enabled, or belongs to a disabled action\n");
}

/* If the configuration has an error, lines without effect are still reported, at a start and at a reload, also those of the profile
 * with the error. */
static void test_error_beside_lines_without_effect(void **state) {
        _cleanup_free_ char *errors = NULL, *text = NULL;

        configure("[profile quiet]\ninherits = nowhere\nep = x\nepp = fast\nmax-freq = 60 %\n");
        text = logged(laptop);
        assert_int_equal(count(text, "governord.conf:2: there is no profile \"nowhere\""), 1);
        assert_int_equal(
                count(text,
                      "governord.conf:3: warning: no effect here: no driver has a knob \"ep\", did you mean \"epp\" or \"epb\"?"),
                1);
        assert_int_equal(count(text, "governord.conf:4: warning: no effect here: epp offers none of \"fast\" here"), 1);
        assert_int_equal(count(text, "governord.conf:5: there must be no blank between number and unit"), 1);
        assert_true(manager_reload(t.manager, &errors) < 0);
        text_in_order(errors,
                      (const char *[]){ "governord.conf:2: there is", "governord.conf:3: warning: no effect here: no driver",
                                        "governord.conf:4: warning: no effect here: epp offers",
                                        "governord.conf:5: there must be no blank", NULL });
}

/* The knobs of a blocked driver are unknown, so lines of a new configuration that unblocks it are not reported as without
 * effect. */
static void test_rejected_unblocks(void **state) {
        _cleanup_free_ char *errors = NULL;

        configure("[governord]\nblock = intel\n");
        laptop();
        configure("[nonsense]\n[profile quiet]\nepp = power\n");
        assert_true(manager_reload(t.manager, &errors) < 0);
        assert_null(strstr(errors, "warning"));
}

static void start_and_say(void) {
        laptop();
        manager_log_ready(t.manager);
}

static void test_journal(void **state) {
        _cleanup_free_ char *first = NULL, *second = NULL;

        configure("[profile quiet]\nep = x\n");
        first = logged(start_and_say);
        assert_int_equal(count(first, "governord.conf:2: warning: no effect here: no driver has a knob \"ep\""), 1);
        assert_int_equal(count(first, "Ready: profile balanced (start); drivers: "), 1);
        assert_non_null(strstr(first, "intel"));
        second = logged(reload_and_settle);
        assert_int_equal(count(second, "governord.conf:2: warning: no effect here"), 1);
}

static char *log_of_start(const char *state) {
        make("intel-client-hwp", NULL);
        (void) mkdir(t.state, 0755);
        put(scratch_path(t.state, "state.ini"), state);
        return logged(start);
}

/* A saved choice that cannot be restored is logged. */
static void test_saved_profile_that_is_gone(void **state) {
        _cleanup_free_ char *gone = log_of_start("[State]\nProfile=quiet-night\n"), *other, *there, *none;

        assert_int_equal(
                count(gone, "The saved profile \"quiet-night\" is no longer in the configuration; profile balanced is used"), 1);
        check_active("balanced", "start");
        end();
        other = log_of_start("[State]\nProfile=performance\nCpuDriver=amd_pstate\n");
        assert_int_equal(
                count(other,
                      "The saved profile \"performance\" is not applied, because it was chosen with other drivers (CPU \"amd_pstate\", platform \"\"); profile balanced is used"),
                1);
        end();
        there = log_of_start("[State]\nProfile=performance\n");
        assert_int_equal(count(there, "chosen"), 0);
        end();
        none = log_of_start("[State]\n");
        assert_int_equal(count(none, "chosen"), 0);
        free(TAKE_PTR(other));
        free(TAKE_PTR(there));
        free(TAKE_PTR(none));
}

/* Lines are compared with the knobs that exist with the new configuration, not with those of before. */
static void test_journal_of_a_driver_that_is_unblocked(void **state) {
        _cleanup_free_ char *text = NULL;

        configure("[governord]\nblock = intel\n");
        laptop();
        configure("[profile quiet]\nintel.epp = power\nep = x\n");
        text = logged(reload_and_settle);
        assert_int_equal(count(text, "governord.conf:2: warning: no effect here"), 0);
        assert_int_equal(count(text, "governord.conf:3: warning: no effect here"), 1);
        configure("[governord]\nblock = intel\n[profile quiet]\nintel.epp = power\n");
        free(text);
        text = logged(reload_and_settle);
        assert_int_equal(count(text, "governord.conf:4: warning: no effect here"), 1);
}

static void demand_often(void) {
        for (uint32_t i = 1; i <= 40; i++)
                manager_set_demands(
                        t.manager,
                        &(struct cpu_demand){ .cpu = i % 4, .floor = (int32_t) (100 + 20 * i), .ceiling = -1, .target_us = 2000 },
                        1);
}

/* Forty demands while original values cannot be recorded: the failure is logged once, and its end once. */
static void test_lost_ledger_is_told_once(void **state) {
        struct rlimit limit;
        _cleanup_free_ char *lost = NULL, *found = NULL;
        struct stat st;

        laptop();
        (void) signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(stat(scratch_path(t.run, "ledger"), &st), 0);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(
                setrlimit(RLIMIT_FSIZE, &(struct rlimit){ .rlim_cur = (rlim_t) st.st_size + 1, .rlim_max = limit.rlim_max }), 0);
        lost = logged(demand_often);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(count(lost, "Cannot record original values"), 1);
        found = logged(demand_often);
        assert_int_equal(count(found, "can be written again"), 1);
        assert_int_equal(count(found, "Cannot record original values"), 0);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_error_is_shown),
                TEST(test_error_beside_lines_without_effect),
                TEST(test_rejected_unblocks),
                TEST(test_lines_without_effect),
                TEST(test_lines_are_looked_for_once),
                TEST(test_governor_and_overridden),
                TEST(test_enable_by_driver_and_knob),
                TEST(test_journal),
                TEST(test_journal_of_a_driver_that_is_unblocked),
                TEST(test_lost_ledger_is_told_once),
                TEST(test_saved_profile_that_is_gone),
                TEST(test_values_out_of_range),
                TEST(test_values_of_another_kind),
                TEST(test_lines_for_a_part_that_is_not_there),
        };

        if (!take_arguments("test-manager-config", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-config", tests, NULL, NULL);
}
