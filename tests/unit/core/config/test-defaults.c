/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The built-in profiles set the same values as power-profiles-daemon 0.30. The knobs are made by hand. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/config/config.h"

#define EPP "default performance balance_performance balance_power power"

static const struct gov_cpu_facts amd_cpu = {
        .min_khz = 400000, .efficient_khz = 1700000, .base_khz = 2700000, .max_khz = 4700000
};
static const struct gov_cpu_facts old_cpu = { .min_khz = 400000, .max_khz = 4700000 }; /* no amd_pstate_lowest_nonlinear_freq */

/* AC power; battery at 90, 50, 49, 31, 30, 29, 21, 20, 1 percent; battery of unknown level. */
static const struct profile_context contexts[] = {
        { false, 90 }, { true, 90 }, { true, 50 }, { true, 49 }, { true, 31 }, { true, 30 },
        { true, 29 },  { true, 21 }, { true, 20 }, { true, 1 },  { true, -1 },
};
#define AC      0
#define BATTERY 1
#define UNKNOWN 10

struct row {
        const char *driver, *mode, *knob, *choices;
        uint32_t unit;
        int64_t min, max;
        const struct gov_cpu_facts *cpu;
        const char *expected[PROFILE_BASE_COUNT][2]; /* [profile][AC, battery]; NULL: no line; "": no value is offered */
};

#define NONE 1, 0
#define FREQ GOV_UNIT_KHZ, 400000, 4700000

/* clang-format off */
#define BOTH(a, b, c) { { a, a }, { b, b }, { c, c } }

static const struct row rows[] = {
        /* intel_pstate: EPP and EPB; the governor is set to powersave before any EPP */
        { "intel", "active", "epp", EPP, GOV_UNIT_TEXT, NONE, NULL,
          { { "power", "power" }, { "balance_performance", "balance_power" }, { "performance", "performance" } } },
        { "intel", "active", "epb", "", GOV_UNIT_NUMBER, 0, 15, NULL, { { "15", "15" }, { "6", "8" }, { "0", "0" } } },
        { "intel", "passive", "epb", "", GOV_UNIT_NUMBER, 0, 15, NULL, { { "15", "15" }, { "6", "8" }, { "0", "0" } } },
        { "intel", "active", "governor", "performance powersave", GOV_UNIT_TEXT, NONE, NULL,
          BOTH("powersave", "powersave", "powersave") },
        { "intel", "active", "min-freq", "", FREQ, NULL, BOTH(NULL, NULL, NULL) },
        { "intel", "active", "max-freq", "", FREQ, NULL, BOTH(NULL, NULL, NULL) },
        { "intel", "active", "boost", "", GOV_UNIT_BOOL, 0, 1, NULL, BOTH(NULL, NULL, NULL) },
        /* amd_pstate */
        { "amd", "active", "governor", "performance powersave", GOV_UNIT_TEXT, NONE, NULL,
          BOTH("powersave", "powersave", "performance") },
        { "amd", "active", "epp", EPP, GOV_UNIT_TEXT, NONE, NULL,
          { { "power", "power" }, { "balance_performance", "balance_power" }, { "performance", "performance" } } },
        { "amd", "active", "boost", "", GOV_UNIT_BOOL, 0, 1, NULL, BOTH("0", "1", "1") },
        { "amd", "active", "min-freq", "", FREQ, &amd_cpu, BOTH("400000", "1700000", "1700000") },
        { "amd", "active", "min-freq", "", FREQ, &old_cpu, BOTH("400000", NULL, NULL) },
        /* platform_profile */
        { "platform", "", "platform-profile", "low-power balanced performance", GOV_UNIT_TEXT, NONE, NULL,
          BOTH("low-power", "balanced", "performance") },
        { "platform", "", "platform-profile", "quiet balanced performance", GOV_UNIT_TEXT, NONE, NULL,
          BOTH("quiet", "balanced", "performance") },
        { "platform", "", "platform-profile", "low-power quiet cool balanced balanced-performance performance",
          GOV_UNIT_TEXT, NONE, NULL, BOTH("low-power", "balanced", "performance") },
        /* actions */
        { "platform", "", "trickle-charge", "", GOV_UNIT_TEXT, NONE, NULL, BOTH("Trickle", "Standard", "Fast") },
        { "platform", "", "amdgpu-dpm", "", GOV_UNIT_TEXT, NONE, NULL, BOTH("low", "auto", "auto") },
        { "platform", "", "amdgpu-panel-power", "", GOV_UNIT_NUMBER, 0, 4, NULL, BOTH("0", "0", "0") },
};
/* clang-format on */

static struct config *config;

static struct profile_knob knob_of(const struct row *row) {
        return (struct profile_knob){ .driver = text_intern(row->driver),
                                      .mode = text_intern(row->mode),
                                      .name = text_intern(row->knob),
                                      .unit = row->unit,
                                      .scope = GOV_SCOPE_POLICY,
                                      .min = row->min,
                                      .max = row->max,
                                      .choices = row->choices,
                                      .cpu = row->cpu };
}

static void check(const struct row *row, const struct profile_context *context, size_t profile, const char *expected) {
        struct profile_knob knob = knob_of(row);
        struct profile_target target;

        profile_resolve(&config->profiles[profile], context, &knob, &target);
        if (!expected ? target.line != NULL :
                        !target.line || strcmp(target.value, expected) != 0 || target.unavailable != !*expected)
                fail_msg("%s.%s in %s: \"%s\" from %s", row->driver, row->knob, profile_base_names[profile], target.value,
                         target.line ? target.line->origin : "no line");
}

static void test_table(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                for (size_t profile = 0; profile < PROFILE_BASE_COUNT; profile++) {
                        check(&rows[i], &contexts[AC], profile, rows[i].expected[profile][0]);
                        check(&rows[i], &contexts[BATTERY], profile, rows[i].expected[profile][1]);
                        check(&rows[i], &contexts[UNKNOWN], profile, rows[i].expected[profile][1]);
                }
}

static void test_panel_power(void **state) {
        static const struct row panel = { "platform", "", "amdgpu-panel-power", "", GOV_UNIT_NUMBER, 0, 4, NULL, { { NULL } } };
        static const char *const expected[ARRAY_SIZE(contexts)][PROFILE_BASE_COUNT] = {
                { "0", "0", "0" }, { "0", "0", "0" }, { "0", "0", "0" }, { "1", "0", "0" }, { "1", "0", "0" }, { "2", "0", "0" },
                { "2", "1", "0" }, { "2", "1", "0" }, { "3", "1", "0" }, { "3", "1", "0" }, { "0", "0", "0" },
        };

        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
                for (size_t profile = 0; profile < PROFILE_BASE_COUNT; profile++)
                        check(&panel, &contexts[i], profile, expected[i][profile]);
}

static void test_firmware_reads_back(void **state) {
        static const struct row row = { "platform",
                                        "",
                                        "platform-profile",
                                        "low-power quiet cool balanced balanced-performance performance max-power",
                                        GOV_UNIT_TEXT,
                                        NONE,
                                        NULL,
                                        { { NULL } } };
        static const char *const same[PROFILE_BASE_COUNT] = { "low-power quiet",
                                                              "balanced cool balanced-performance balanced_performance",
                                                              "performance max-power" };
        struct profile_knob knob = knob_of(&row);

        (void) state;
        for (size_t i = 0; i < PROFILE_BASE_COUNT; i++)
                for (size_t j = 0; j < PROFILE_BASE_COUNT; j++) {
                        char words[64], *rest = words, *word;
                        struct profile_target target;

                        profile_resolve(&config->profiles[i], &contexts[AC], &knob, &target);
                        assert_int_equal(TEXT_FORMAT(words, "%s", same[j]), 0);
                        while ((word = strsep(&rest, " ")))
                                assert_int_equal(profile_satisfied(&target, word), i == j);
                }
}

/* No default line depends on the CPU or the domain, so one resolution serves thousands of knobs. */
static void test_uniform(void **state) {
        (void) state;
        for (size_t profile = 0; profile < PROFILE_BASE_COUNT; profile++)
                for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                        _cleanup_free_ const struct profile_line **lines = NULL;
                        int n = profile_lines_for(&config->profiles[profile], rows[i].driver, rows[i].knob, &lines);

                        assert_true(n >= 0);
                        assert_true(profile_lines_uniform(lines, (size_t) n));
                }
}

static int setup(void **state) {
        char *errors = NULL;

        (void) state;
        if (config_load(&(struct config_dirs){}, &config, &errors) == 0)
                return 0;
        print_error("%s", errors);
        free(errors);
        return -1;
}

static int teardown(void **state) {
        (void) state;
        config = config_free(config);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_panel_power),
                cmocka_unit_test(test_firmware_reads_back),
                cmocka_unit_test(test_uniform),
        };

        return cmocka_run_group_tests_name("defaults", tests, setup, teardown);
}
