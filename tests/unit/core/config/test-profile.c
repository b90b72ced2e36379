/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/profile.h: parses lines, selects one, resolves it; measures the duration on a large machine. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/config/profile.h"

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct profile_line read_lines[16];

/* Makes a profile from pairs of key and value. */
static struct profile make_profile(const char *const *pairs) {
        struct profile profile = { .name = "t", .lines = read_lines };

        for (; *pairs; pairs += 2) {
                char reason[256] = "";

                assert_true(profile.n_lines < ARRAY_SIZE(read_lines));
                if (profile_line_parse(pairs[0], pairs[1], "t:1", &read_lines[profile.n_lines++], reason, sizeof(reason)) < 0)
                        fail_msg("%s = %s: %s", pairs[0], pairs[1], reason);
        }
        return profile;
}

static const struct profile_context on_ac = { false, 80 }, on_battery = { true, 80 }, battery_low = { true, 15 },
                                    battery_unknown = { true, -1 };

static struct profile_knob text_knob(const char *driver, const char *name, const char *choices) {
        return (struct profile_knob){ .driver = text_intern(driver),
                                      .mode = text_intern("active"),
                                      .name = text_intern(name),
                                      .scope = GOV_SCOPE_POLICY,
                                      .domain = 3,
                                      .min = 1,
                                      .max = 0,
                                      .choices = choices };
}

static const char *resolve(const struct profile *profile, const struct profile_context *context, const struct profile_knob *knob) {
        static struct profile_target target;

        profile_resolve(profile, context, knob, &target);
        if (!target.line)
                return "(left)";
        return target.unavailable ? "(none)" : target.value;
}

static void test_weights(void **state) {
        struct profile p = make_profile(
                LINES("k", "a", "k@battery", "b", "d.k", "c", "k@battery@battery-below-20", "e", "d.k@ac", "f"));
        struct profile_knob k = text_knob("d", "k", ""), other = text_knob("other", "k", ""), none = text_knob("d", "z", "");

        (void) state;
        assert_string_equal(resolve(&p, &on_battery, &k), "c"); /* a condition weighs as much as DRIVER.: the later one */
        assert_string_equal(resolve(&p, &on_battery, &other), "b");
        assert_string_equal(resolve(&p, &battery_low, &k), "e");
        assert_string_equal(resolve(&p, &battery_unknown, &other), "b");
        assert_string_equal(resolve(&p, &on_ac, &k), "f");
        assert_string_equal(resolve(&p, &on_ac, &other), "a");
        assert_string_equal(resolve(&p, &on_ac, &none), "(left)");
}

static bool covers(const struct profile_knob *knob, uint32_t scope, uint32_t number) {
        (void) knob;
        return scope == GOV_SCOPE_CPU && (number == 6 || number == 7);
}

static void test_domains_and_cores(void **state) {
        static const struct gov_cpu_facts slow = { .kind = GOV_CPU_EFFICIENCY };
        struct profile p = make_profile(LINES("k", "a", "k@policy3", "b", "k@cpu7", "c", "k@cpu8@node", "d",
                                              "k@efficiency-cores@node", "e", "k@passive@node@battery", "f"));
        struct profile_knob k = text_knob("d", "k", "");

        (void) state;
        assert_string_equal(resolve(&p, &on_ac, &k), "b");
        k.covers = covers;
        assert_string_equal(resolve(&p, &on_ac, &k), "c");
        k.cpu = &slow;
        assert_string_equal(resolve(&p, &on_ac, &k), "e");
        k.mode = text_intern("passive");
        assert_string_equal(resolve(&p, &on_battery, &k), "f");
        k.domain = 4;
        k.cpu = NULL;
        k.covers = NULL;
        assert_string_equal(resolve(&p, &on_ac, &k), "a");
}

static void test_preference_and_leave(void **state) {
        struct profile p = make_profile(LINES("k", "x y leave", "l", "leave", "m", "x y (z)"));
        struct profile_knob k = text_knob("d", "k", "y z"), l = text_knob("d", "l", "y"), m = text_knob("d", "m", "w");

        (void) state;
        assert_string_equal(resolve(&p, &on_ac, &k), "y");
        k.choices = "z";
        assert_string_equal(resolve(&p, &on_ac, &k), "(left)");
        assert_string_equal(resolve(&p, &on_ac, &l), "(left)");
        assert_string_equal(resolve(&p, &on_ac, &m), "(none)");
}

static void test_satisfied(void **state) {
        struct profile p = make_profile(LINES("k", "6 (7 2400MHz cool)"));
        struct profile_knob k = text_knob("d", "k", "");
        struct profile_target target;

        (void) state;
        profile_resolve(&p, &on_ac, &k, &target);
        assert_true(profile_satisfied(&target, "6"));
        assert_true(profile_satisfied(&target, "06"));
        assert_true(profile_satisfied(&target, "7"));
        assert_true(profile_satisfied(&target, "2400000"));
        assert_true(profile_satisfied(&target, "cool"));
        assert_false(profile_satisfied(&target, "8"));
        assert_false(profile_satisfied(&target, "coo"));
        assert_false(profile_satisfied(&target, ""));
        k.choices = "none";
        profile_resolve(&p, &on_ac, &k, &target);
        assert_true(target.unavailable && target.line && target.value[0] == '\0');
        assert_false(profile_satisfied(&target, "6"));
        assert_true(profile_satisfied(&target, "cool"));
        assert_false(profile_satisfied(&target, ""));
        target.line = NULL;
        assert_true(profile_satisfied(&target, "whatever"));
}

static void test_lines_for(void **state) {
        struct profile p = make_profile(LINES("k", "a", "d.k@battery", "b", "e.k", "c", "m@cpu0", "d", "n@performance-cores", "e"));
        struct profile_knob k = text_knob("d", "k", "");
        _cleanup_free_ const struct profile_line **lines = NULL, **m = NULL, **n = NULL, **none = (void *) 1;
        struct profile_target target;

        (void) state;
        assert_int_equal(profile_lines_for(&p, "d", "k", &lines), 2);
        assert_ptr_equal(lines[0], &p.lines[0]);
        assert_ptr_equal(lines[1], &p.lines[1]);
        assert_true(profile_lines_uniform(lines, 2));
        profile_resolve_lines(lines, 2, &on_battery, &k, &target);
        assert_string_equal(target.value, "b");
        assert_int_equal(profile_lines_for(&p, "d", "m", &m), 1);
        assert_false(profile_lines_uniform(m, 1));
        assert_int_equal(profile_lines_for(&p, "d", "n", &n), 1);
        assert_false(profile_lines_uniform(n, 1));
        assert_int_equal(profile_lines_for(&p, "d", "nothing", &none), 0);
        assert_null(none);
        assert_true(profile_lines_uniform(NULL, 0));
}

/* The reason contains the text. */
static const struct {
        const char *key, *value, *reason;
} bad_lines[] = {
        { "", "1", "is not a valid name" },
        { "EPP", "1", "is not a valid name" },
        { "a b", "1", "is not a valid name" },
        { ".epp", "1", "is not a valid name" },
        { "intel.", "1", "is not a valid name" },
        { "a..b", "1", "is not a valid name" },
        { "epp@", "1", "unknown condition" },
        { "epp@batery", "1", "did you mean \"battery\"?" },
        { "epp@cpu", "1", "unknown condition" },
        { "epp@cpux", "1", "unknown condition" },
        { "epp@cpu99999999999", "1", "unknown" },
        { "epp@battery-below-0", "1", "1 to 100" },
        { "epp@battery-below-101", "1", "1 to 100" },
        { "epp@battery-below-x", "1", "1 to 100" },
        { "epp@ac@ac", "1", "repeated" },
        { "epp@ac@battery", "1", "never be true" },
        { "epp@battery@ac", "1", "never be true" },
        { "epp@active@passive", "1", "never be true" },
        { "epp@performance-cores@efficiency-cores", "1", "never be true" },
        { "epp@ac@node@cpu0@cpu1@cpu2", "1", "at most 4" },
        { "epp", "", "the value is missing" },
        { "epp", "(power)", "the value is missing" },
        { "epp", "a (b", "is missing after" },
        { "epp", "a b)", "only one pair" },
        { "epp", "a (b) c", "only one pair" },
        { "epp", "a (b) (c)", "only one pair" },
        { "epp", "a ((b)", "only one pair" },
        { "epp @battery", "1", "there must be no blank before or after \"@\"" },
        { "epp@ battery", "1", "there must be no blank before or after \"@\"" },
        { "epp@ac\t@node", "1", "there must be no blank before or after \"@\"" },
        { "max-freq", "1200 MHz", "there must be no blank between number and unit: 1200MHz" },
        { "max-freq", "1.2 GHz", "there must be no blank between number and unit: 1.2GHz" },
        { "max-freq", "1.2 ghz", "there must be no blank between number and unit: 1.2GHz" },
        { "max-freq", "2GHz (1.2 GHz)", "there must be no blank between number and unit: 1.2GHz" },
        { "max-freq", "1,2GHz", "1,2GHz contains a comma: use a point in fractions" },
        { "platform-profile", "quiet, low-power", "\"quiet,\": values must be separated by blanks only" },
        { "epb", "6; 7", "\"6;\": values must be separated by blanks only" },
        { "epp", "35w", "did you mean \"W\"?" },
        { "epp", "leave power", "after \"leave\"" },
        { "epp", "a (leave)", "parentheses" },
        { "epp", "a (80%)", "parentheses" },
        { "epp", "a (max)", "parentheses" },
        { "epp", "a\x01", "ASCII" },
        { "epp", "\xc3\xa4", "ASCII" },
        { "epp", "0123456789012345678901234567890123456789012345678901234567890123", "longer than 63" },
};

static void test_bad_lines(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(bad_lines); i++) {
                struct profile_line line = { .knob = "untouched" };
                char reason[256] = "";
                int r = profile_line_parse(bad_lines[i].key, bad_lines[i].value, "t:1", &line, reason, sizeof(reason));

                if (r != -EINVAL || !strstr(reason, bad_lines[i].reason))
                        fail_msg("%s = %s: %d \"%s\"", bad_lines[i].key, bad_lines[i].value, r, reason);
                assert_string_equal(line.knob, "untouched");
        }
}

static void test_long_line(void **state) {
        char text[600], reason[256];
        struct profile_line line;

        (void) state;
        memset(text, 'a', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(profile_line_parse(text, "1", "t:1", &line, reason, sizeof(reason)), -EINVAL);
        assert_int_equal(profile_line_parse("k", text, "t:1", &line, reason, sizeof(reason)), -EINVAL);
}

static void test_good_line(void **state) {
        struct profile p = make_profile(
                LINES("gpu-nvml.power-limit@cpu2@battery", "  80%\t max ( 1   2 ) ", "k@battery@cpu2", "1"));
        const struct profile_line *line = &p.lines[0];

        (void) state;
        assert_string_equal(line->driver, "gpu-nvml");
        assert_string_equal(line->knob, "power-limit");
        assert_string_equal(line->values, "80% max");
        assert_string_equal(line->accepted, "1 2");
        assert_string_equal(line->origin, "t:1");
        assert_int_equal(line->n_conditions, 2);
        assert_int_equal(line->conditions[0].kind, CONDITION_BATTERY); /* conditions are sorted */
        assert_int_equal(p.lines[1].conditions[1].number, 2);
        assert_null(p.lines[1].driver);
}

static void test_domain_names(void **state) {
        static const char *const names[] = { "node", "package0", "policy3", "cpu4095", "gpu1", "device12" };
        uint32_t scope, number;
        char text[24];

        (void) state;
        for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
                assert_int_equal(domain_parse(names[i], &scope, &number), 0);
                assert_int_equal(scope, i);
                domain_format(text, sizeof(text), scope, number);
                assert_string_equal(text, names[i]);
        }
        assert_int_equal(domain_parse("node0", &scope, &number), -EINVAL);
        assert_int_equal(domain_parse("cpu-1", &scope, &number), -EINVAL);
        assert_int_equal(domain_parse("core1", &scope, &number), -EINVAL);
        domain_format(text, sizeof(text), 99, UINT32_MAX);
        assert_string_equal(text, "?4294967295");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_weights),
                cmocka_unit_test(test_domains_and_cores),
                cmocka_unit_test(test_preference_and_leave),
                cmocka_unit_test(test_satisfied),
                cmocka_unit_test(test_lines_for),
                cmocka_unit_test(test_bad_lines),
                cmocka_unit_test(test_long_line),
                cmocka_unit_test(test_good_line),
                cmocka_unit_test(test_domain_names),
        };

        return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
