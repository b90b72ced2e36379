/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queries of the manager, which change nothing: the dry run, explanations, causes, knobs, CPUs, the dump. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- dry run -- */

/* Files whose values differ from those of the knob: no_turbo is inverted, and EPP may be a number. */
static bool is_translated(const char *path) {
        return strncmp(path, NO_TURBO, strlen(NO_TURBO)) == 0 || strstr(path, "energy_performance_preference_val");
}

/* Converts lines of the form "would write KNOB: "OLD" -> "NEW UNIT" (PATH; CAUSE)" to "PATH\tNEW", sorted, in `ret`. */
static size_t parse_dry_run(char *text, char **ret, size_t room) {
        size_t n = 0;

        for (char *line = strtok(text, "\n"); line && n < room; line = strtok(NULL, "\n")) {
                char path[256], old[64], new[64];

                if (sscanf(line, "would write %*[^:]: \"%63[^\"]\" -> \"%63[^\" ]%*[^\"]\" (%255[^;]; ", old, new, path) == 3 ||
                    sscanf(line, "would write %*[^:]: \"%63[^\"]\" -> \"%63[^\" ]\" (%255[^;]; ", old, new, path) == 3)
                        assert_true(asprintf(&ret[n++], "%s\t%s", path, is_translated(path) ? "" : new) > 0);
        }
        qsort(ret, n, sizeof(char *), compare_lines);
        return n;
}

static char *capture_dry_run(const char *profile) {
        const char *path = scratch_path(t.directory, "printed");
        int out = dup(STDOUT_FILENO), file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        (void) fflush(stdout);
        assert_true(dup2(file, STDOUT_FILENO) >= 0);
        assert_int_equal(manager_print_plan(t.manager, profile), 0);
        (void) fflush(stdout);
        assert_true(dup2(out, STDOUT_FILENO) >= 0);
        (void) close(out);
        (void) close(file);
        return scratch_read(path, NULL);
}

static void check_dry_run(const char *tree, const char *profile) {
        static char *printed[4096], *written[4096];
        struct snapshot *before, *after;
        size_t n_printed, n_written = 0;
        char *text;

        make(tree, NULL);
        before = take_snapshot();
        t.options.dry_run = true;
        start();
        text = capture_dry_run(profile);
        end();
        after = take_snapshot();
        assert_int_equal(before->n, after->n);
        for (size_t i = 0; i < before->n; i++)
                assert_string_equal(before->lines[i], after->lines[i]); /* including its modification time */
        assert_int_equal(access(t.run, F_OK), -1);
        assert_int_equal(access(t.state, F_OK), -1);
        free_snapshot(after);
        n_printed = parse_dry_run(text, printed, 4096);
        free(text);

        t.options.dry_run = false;
        assert_int_equal(mkdir(t.state, 0755), 0);
        (void) snprintf(t.ended, sizeof(t.ended), "[State]\nProfile=%s\n", profile);
        put(scratch_path(t.state, "state.ini"), t.ended);
        start();
        after = take_snapshot();
        for (size_t i = 0; i < before->n; i++) {
                int path = (int) strcspn(before->lines[i], "\t");
                const char *value = strrchr(after->lines[i], '\t') + 1;

                if (strcmp(strrchr(before->lines[i], '\t') + 1, value) != 0)
                        assert_true(asprintf(&written[n_written++], "%.*s\t%s", path, before->lines[i],
                                             is_translated(before->lines[i]) ? "" : value) > 0);
        }
        qsort(written, n_written, sizeof(char *), compare_lines);
        for (size_t i = 0; i < MIN(n_printed, n_written); i++)
                assert_string_equal(printed[i], written[i]);
        assert_int_equal(n_printed, n_written);
        for (size_t i = 0; i < n_printed; i++) {
                free(printed[i]);
                free(written[i]);
        }
        free_snapshot(before);
        free_snapshot(after);
        end_and_remove();
}

static void test_dry_run_prints_what_is_written(void **state) {
        static const char *const trees[] = { "intel-client-hwp", "intel-passive",     "amd-client-epp",
                                             "amd-passive",      "arm64-cppc-server", "vm-no-cpufreq" };

        for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
                check_dry_run(trees[i], "power-saver");
                if (strcmp(trees[i], "vm-no-cpufreq") != 0)
                        check_dry_run(trees[i], "performance");
        }
}

/* A limit that a request determines is attributed to the request, not to the profile. */
static void test_dry_run_names_who_decides(void **state) {
        uint32_t cookie;
        char *text;

        t.options.dry_run = true;
        laptop();
        assert_int_equal(level(GOV_SCOPE_CPU, 3, -1, 512, &cookie), 0);
        text = capture_dry_run("performance");
        assert_non_null(strstr(text, "policy3/scaling_max_freq; ceiling 512 of app"));
        assert_null(strstr(text, "policy4/scaling_max_freq"));
        assert_non_null(strstr(text, "policy3/energy_performance_preference; performance)"));
        free(text);
}

static void test_dry_run_knows_the_rules(void **state) {
        configure("[rule always]\nwhen = ac\nprofile = performance\n");
        t.options.dry_run = true;
        laptop();
        free(capture_dry_run(NULL));
        assert_string_equal(manager_active(t.manager)->name, "performance");
}

/* -- views -- */

struct counting {
        int n;
        const char *knob, *want;
        bool found;
};

static int count_explained(const struct explain_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->then, c->want) == 0 && view->limiter[0])
                c->found = true;
        return 0;
}

static int count_changes(const struct change_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->new_value, c->want) == 0 && strcmp(view->who, "test") == 0)
                c->found = true;
        return 0;
}

static int count_knobs(const struct knob_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->wanted, c->want) == 0 && strcmp(view->value, c->want) == 0)
                c->found = true;
        return 0;
}

static int count_cpus(const struct cpu_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (view->floor == 256 && view->ceiling == 1024 && view->cpu == 3)
                c->found = true;
        return 0;
}

static int count_drivers(const struct driver_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->backend, "intel_pstate") == 0 && strcmp(view->mode, "active") == 0 && view->n_knobs > 0)
                c->found = true;
        return 0;
}

static int refuse_knob(const struct knob_view *view, void *userdata) {
        return -ECANCELED;
}

static void test_views(void **state) {
        struct counting explained = { .knob = "epp", .want = "power" }, level_explained = { .knob = "max-freq", .want = "2100000" };
        struct counting changes = { .knob = "epp", .want = "performance" }, knobs = changes, cpus = {}, drivers = {};
        const uint32_t *packages;
        uint32_t cookie;
        struct energy_counter energy[ENERGY_COUNTERS_MAX];

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(level(GOV_SCOPE_CPU, 3, 256, -1, &cookie), 0);
        assert_int_equal(manager_explain(t.manager, "power-saver", count_explained, &explained), 0);
        assert_true(explained.found);
        assert_int_equal(manager_explain(t.manager, "512", count_explained, &level_explained), 0);
        assert_true(level_explained.found);
        assert_int_equal(manager_explain(t.manager, "1025", count_explained, &explained), -ENOENT);
        assert_int_equal(manager_explain(t.manager, "nothing", count_explained, &explained), -ENOENT);
        assert_int_equal(manager_why(t.manager, GOV_SCOPE_POLICY, 1, count_changes, &changes), 0);
        assert_true(changes.found);
        assert_int_equal(manager_why(t.manager, GOV_SCOPE_POLICY, 77, count_changes, &changes), -ENXIO);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_CPU, 1, false, count_knobs, &knobs), 0);
        assert_true(knobs.found);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_CPU, 99, false, count_knobs, &knobs), -ENXIO);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_COUNT, 0, false, refuse_knob, NULL), -ECANCELED);
        assert_int_equal(manager_each_cpu(t.manager, count_cpus, &cpus), 0);
        assert_true(cpus.found);
        assert_int_equal(cpus.n, 8);
        assert_int_equal(manager_each_driver(t.manager, count_drivers, &drivers), 0);
        assert_true(drivers.found);
        assert_int_equal(manager_packages(t.manager, &packages), 1);
        assert_int_equal(manager_package_energy(t.manager, 0, energy, NULL), 1);
        assert_int_equal(manager_package_energy(t.manager, 7, energy, NULL), -ENODATA);
        assert_non_null(strstr(manager_cpu_model(t.manager), "i5-1135G7"));
}

static void test_explaining_changes_nothing(void **state) {
        struct counting c = { .knob = "", .want = "" };
        struct snapshot *before;

        laptop();
        before = take_snapshot();
        assert_int_equal(manager_explain(t.manager, "performance", count_explained, &c), 0);
        assert_int_equal(manager_explain(t.manager, "0", count_explained, &c), 0);
        check_unchanged(before, true);
        check_active("balanced", "start");
}

static void test_dump(void **state) {
        _cleanup_free_ char *text = NULL;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        (void) hold("performance", ":1.5", 0);
        assert_int_equal(manager_dump(t.manager, &text), 0);
        assert_non_null(strstr(text, "profile performance"));
        assert_non_null(strstr(text, "driver intel: loaded"));
        assert_non_null(strstr(text, "request 1: performance"));
        assert_non_null(strstr(text, "knob policy7 epp"));
        assert_non_null(strstr(text, "\"balance_performance\" -> \"performance\" by test"));
}

/* -- limits from before -- */

struct looking {
        const char *knob;
        uint32_t told;
};

static int look_for_explanation(const struct explain_view *view, void *userdata) {
        struct looking *looking = userdata;

        looking->told += strcmp(view->knob, looking->knob) == 0 &&
                         strcmp(view->limiter, "a limit that governord has not set is in force") == 0;
        return 0;
}

static int look_for_message(const struct knob_view *view, void *userdata) {
        struct looking *looking = userdata;

        looking->told += strcmp(view->knob, looking->knob) == 0 &&
                         strncmp(view->message, "a limit that governord has not set", 34) == 0;
        return 0;
}

static void check_told(const char *knob, uint32_t expected) {
        struct looking explained = { knob }, shown = { knob };

        assert_int_equal(manager_explain(t.manager, "performance", look_for_explanation, &explained), 0);
        assert_int_equal(explained.told, expected);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_COUNT, 0, false, look_for_message, &shown), 0);
        assert_int_equal(shown.told, expected);
}

/* A low limit that another program set before the start is reported, but not changed. A limit that is only slightly lower is not
 * reported. */
static void test_limits_from_before(void **state) {
        static const struct {
                const char *tree, *file, *low, *high, *knob;
        } cases[] = {
                { "amd-client-epp", "cpufreq/policy3/scaling_max_freq", "400000", "4000000", "max-freq" },
                { "intel-client-hwp", "cpufreq/policy3/scaling_max_freq", "800000", "3000000", "max-freq" },
                { "intel-client-hwp", "intel_pstate/max_perf_pct", "30", "80", "max-perf-pct" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct snapshot *before;

                make(cases[i].tree, NULL);
                put(in_root("sys/devices/system/cpu/%s", cases[i].file), cases[i].low);
                before = take_snapshot();
                start();
                assert_int_equal(manager_degraded(t.manager), DEGRADED_LIMITED);
                check_told(cases[i].knob, 1);
                assert_int_equal(select_profile("power-saver"), 0);
                assert_int_equal(manager_degraded(t.manager), 0);
                assert_int_equal(select_profile("performance"), 0);
                assert_int_equal(manager_degraded(t.manager), DEGRADED_LIMITED);
                loop_drain(t.event);
                end();
                check_unchanged(before, false);
                start();
                foreign_write(in_root("sys/devices/system/cpu/%s", cases[i].file), cases[i].high);
                assert_int_equal(manager_degraded(t.manager), 0);
                assert_true(t.changed & CHANGED_DEGRADED);
                check_told(cases[i].knob, 0);
                end();
                assert_int_equal(fixture_remove(t.root), 0);
                assert_int_equal(fixture_remove(t.state), 0);
        }
}

static int look_for_ok(const struct knob_view *view, void *userdata) {
        struct looking *looking = userdata;

        looking->told += strcmp(view->knob, looking->knob) == 0 && strcmp(view->state, "ok") == 0;
        return 0;
}

/* No knob is shown as ok after a change without an event. */
static void test_nothing_is_ok_that_is_not_in_place(void **state) {
        struct looking looking = { "epp" };

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        put(in_root(EPP, 3), "power"); /* writes of this process cause no event */
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_POLICY, 3, false, look_for_ok, &looking), 0);
        assert_int_equal(looking.told, 0);
        wait_certain();
        check_knob("epp", 3, KNOB_YIELDED, "power");
}

static int take_epp(const struct knob_view *view, void *userdata) {
        if (strcmp(view->knob, "epp") == 0)
                *(struct knob_view *) userdata = *view;
        return 0;
}

/* A value that only root may see is hidden from others in every reply, but compared with its target nevertheless. */
static void test_private_values(void **state) {
        struct knob_view view = {};
        struct knob *knob;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        knob = (struct knob *) find_knob_of("epp", 3);
        knob->flags |= GOV_INSTANCE_PRIVATE;
        for (int privileged = 0; privileged < 2; privileged++) {
                assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_POLICY, 3, privileged, take_epp, &view), 0);
                assert_string_equal(view.state, "ok");
                assert_string_equal(view.message, "");
                assert_string_equal(view.value, privileged ? "performance" : "");
                assert_string_equal(view.wanted, privileged ? "performance" : "");
                assert_string_equal(view.original, privileged ? "balance_performance" : "");
        }
        put(in_root(EPP, 3), "power");
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_POLICY, 3, false, take_epp, &view), 0);
        assert_string_equal(view.state, "failed");
        assert_null(strstr(view.message, "power"));
        wait_certain();
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_POLICY, 3, false, take_epp, &view), 0);
        assert_string_equal(view.state, "yielded");
        assert_null(strstr(view.message, "power"));
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_dry_run_prints_what_is_written),
                TEST(test_dry_run_names_who_decides),
                TEST(test_dry_run_knows_the_rules),
                TEST(test_views),
                TEST(test_explaining_changes_nothing),
                TEST(test_dump),
                TEST(test_limits_from_before),
                TEST(test_nothing_is_ok_that_is_not_in_place),
                TEST(test_private_values),
        };

        if (!take_arguments("test-manager-views", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-views", tests, NULL, NULL);
}
