/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/value.h and base/number.h: units, words, ranges and choices. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "core/config/value.h"

#define CHOICES_EPP "default performance balance_performance balance_power power"

static const struct gov_cpu_facts cpu = {
        .policy = 0,
        .capacity = 512,
        .kind = GOV_CPU_EFFICIENCY,
        .min_khz = 400000,
        .efficient_khz = 1100000,
        .base_khz = 2000000,
        .max_khz = 4000000,
};
static const struct gov_cpu_facts cpu_unknown = {};

/* clang-format off */
static const struct profile_knob
        freq = { .name = "max-freq", .unit = GOV_UNIT_KHZ, .min = 400000, .max = 4700001, .choices = "", .cpu = &cpu },
        freq_no_range = { .name = "max-freq", .unit = GOV_UNIT_KHZ, .min = 1, .max = 0, .choices = "", .cpu = &cpu_unknown },
        freq_list = { .name = "list", .unit = GOV_UNIT_KHZ, .min = 800000, .max = 2000000, .choices = "800000 1600000 2000000" },
        power = { .name = "pl1", .unit = GOV_UNIT_MICROWATT, .min = 5000000, .max = 45000000, .choices = "" },
        latency = { .name = "latency", .unit = GOV_UNIT_MICROSECOND, .min = 1, .max = 0, .choices = "" },
        resume = { .name = "resume-latency", .unit = GOV_UNIT_MICROSECOND, .flags = GOV_KNOB_NAMED, .min = 0, .max = INT32_MAX,
                   .choices = "n/a" },
        percent = { .name = "max-perf", .unit = GOV_UNIT_PERCENT, .min = 8, .max = 100, .choices = "" },
        percent_no_range = { .name = "max-perf", .unit = GOV_UNIT_PERCENT, .min = 1, .max = 0, .choices = "" },
        level = { .name = "level", .unit = GOV_UNIT_LEVEL, .min = 1, .max = 0, .choices = "", .cpu = &cpu },
        boost = { .name = "boost", .unit = GOV_UNIT_BOOL, .min = 1, .max = 0, .choices = "" },
        switch_words = { .name = "turbo", .unit = GOV_UNIT_BOOL, .min = 1, .max = 0, .choices = "off on" },
        epb = { .name = "epb", .unit = GOV_UNIT_NUMBER, .min = 0, .max = 15, .choices = "" },
        epp = { .name = "epp", .unit = GOV_UNIT_TEXT, .flags = GOV_KNOB_NAMED, .min = 1, .max = 0, .choices = CHOICES_EPP },
        epp_range = { .name = "epp", .unit = GOV_UNIT_TEXT, .flags = GOV_KNOB_NAMED, .min = 0, .max = 300, .choices = CHOICES_EPP },
        governor = { .name = "governor", .unit = GOV_UNIT_TEXT, .min = 1, .max = 0, .choices = "performance powersave max" },
        any_text = { .name = "x", .unit = GOV_UNIT_TEXT, .min = 1, .max = 0, .choices = "" },
        offset = { .name = "o", .unit = GOV_UNIT_NUMBER, .min = -100, .max = 0, .choices = "" };

/* expected NULL: the value is not offered. */
static const struct {
        const struct profile_knob *knob;
        const char *word, *expected;
} resolve_rows[] = {
        { &freq, "2400000", "2400000" }, { &freq, "2400MHz", "2400000" }, { &freq, "2.4GHz", "2400000" },
        { &freq, "2400000kHz", "2400000" }, { &freq, "5GHz", NULL }, { &freq, "399999", NULL }, { &freq, "400MHz", "400000" },
        { &freq, "80%", "3760000" }, { &freq, "100%", "4700001" }, { &freq, "101%", NULL }, { &freq, "5%", NULL },
        { &freq, "min", "400000" }, { &freq, "max", "4700001" }, { &freq, "base", "2000000" }, { &freq, "efficient", "1100000" },
        { &freq, "35W", NULL }, { &freq, "2ms", NULL }, { &freq, "fast", NULL }, { &freq, "-400000", NULL }, { &freq, "yes", NULL },
        { &freq_no_range, "9GHz", "9000000" }, { &freq_no_range, "80%", NULL }, { &freq_no_range, "max", NULL },
        { &freq_no_range, "base", NULL }, { &freq_no_range, "min", NULL },
        { &freq_list, "1600MHz", "1600000" }, { &freq_list, "1700MHz", NULL }, { &freq_list, "80%", "1600000" },
        { &freq_list, "efficient", NULL }, { &freq_list, "max", "2000000" },
        { &power, "35W", "35000000" }, { &power, "7500mW", "7500000" }, { &power, "12.5W", "12500000" }, { &power, "46W", NULL },
        { &power, "50%", "22500000" }, { &power, "6000000uW", "6000000" }, { &power, "base", NULL },
        { &latency, "2ms", "2000" }, { &latency, "1s", "1000000" }, { &latency, "150us", "150" }, { &latency, "1.5ms", "1500" },
        { &percent, "80%", "80" }, { &percent, "80", "80" }, { &percent, "7%", NULL }, { &percent_no_range, "101", NULL },
        { &percent_no_range, "100%", "100" },
        { &level, "50%", "512" }, { &level, "max", "1024" }, { &level, "1025", NULL }, { &level, "base", "256" },
        { &level, "efficient", "140" },
        { &boost, "1", "1" }, { &boost, "0", "0" }, { &boost, "yes", "1" }, { &boost, "no", "0" }, { &boost, "on", "1" },
        { &boost, "off", "0" }, { &boost, "2", NULL }, { &boost, "maybe", NULL }, { &boost, "min", "0" },
        { &switch_words, "on", "on" }, { &switch_words, "1", NULL },
        { &epb, "15", "15" }, { &epb, "16", NULL }, { &epb, "007", "7" }, { &epb, "40%", "6" }, { &epb, "yes", NULL },
        { &epp, "power", "power" }, { &epp, "128", "128" }, { &epp, "255", "255" }, { &epp, "256", NULL }, { &epp, "turbo", NULL },
        { &epp, "50%", "127" }, { &epp_range, "256", "256" }, { &epp_range, "301", NULL }, { &resume, "500us", "500" }, { &resume, "n/a", "n/a" }, { &epp_range, "0", "0" },
        { &governor, "powersave", "powersave" }, { &governor, "schedutil", NULL }, { &governor, "power", NULL },
        { &governor, "max", "max" }, { &governor, "1", NULL },
        { &any_text, "anything", "anything" }, { &any_text, "35W", "35W" },
        { &offset, "-50", "-50" }, { &offset, "-101", NULL }, { &offset, "50%", NULL },
};

/* clang-format on */
static void test_resolve(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(resolve_rows); i++) {
                char value[GOVERNORD_VALUE_MAX] = "untouched";
                const char *word = resolve_rows[i].word, *expected = resolve_rows[i].expected;
                int r = value_resolve(word, strlen(word), resolve_rows[i].knob, value);

                if (r != (expected ? 0 : -EOPNOTSUPP) || (expected && strcmp(value, expected) != 0))
                        fail_msg("%s = %s: %d \"%s\"", resolve_rows[i].knob->name, word, r, value);
        }
}

/* clang-format off */
static const struct {
        const char *word;
        int r;
        enum value_kind kind;
        uint32_t unit;
        int64_t number;
} parse_rows[] = {
        { "powersave", 0, VALUE_TEXT, 0, 0 }, { "", 0, VALUE_TEXT, 0, 0 }, { "3d_screen", 0, VALUE_TEXT, 0, 0 },
        { "2-4", 0, VALUE_TEXT, 0, 0 }, { "-", 0, VALUE_TEXT, 0, 0 }, { ".5", 0, VALUE_TEXT, 0, 0 }, { "5.", 0, VALUE_TEXT, 0, 0 },
        { "max", 0, VALUE_WORD, 0, 0 }, { "maxi", 0, VALUE_TEXT, 0, 0 },
        { "0", 0, VALUE_NUMBER, GOV_UNIT_NUMBER, 0 }, { "-5", 0, VALUE_NUMBER, GOV_UNIT_NUMBER, -5 },
        { "2.0", 0, VALUE_NUMBER, GOV_UNIT_NUMBER, 2 }, { "0.001MHz", 0, VALUE_NUMBER, GOV_UNIT_KHZ, 1 },
        { "9223372036854775807", 0, VALUE_NUMBER, GOV_UNIT_NUMBER, INT64_MAX },
        { "9223372036854775808", -ERANGE, 0, 0, 0 }, { "99999999999999999999999", -ERANGE, 0, 0, 0 },
        { "9223372036854775807GHz", -ERANGE, 0, 0, 0 }, { "1.00000000000GHz", -ERANGE, 0, 0, 0 },
        { "2.5", -EDOM, 0, 0, 0 }, { "0.5us", -EDOM, 0, 0, 0 }, { "2.0000001GHz", -EDOM, 0, 0, 0 },
        { "35w", -EINVAL, 0, 0, 0 }, { "2mhz", -EINVAL, 0, 0, 0 }, { "5%%", -EINVAL, 0, 0, 0 }, { "10kg", -EINVAL, 0, 0, 0 },
};

/* clang-format on */
static void test_parse(void **state) {
        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(parse_rows); i++) {
                struct value value = { .unit = 77 };
                int r = value_parse(parse_rows[i].word, strlen(parse_rows[i].word), &value);

                if (r != parse_rows[i].r)
                        fail_msg("%s: %d", parse_rows[i].word, r);
                assert_int_equal(r < 0 ? 77 : parse_rows[i].unit, value.unit);
                if (r < 0)
                        continue;
                assert_int_equal(value.kind, parse_rows[i].kind);
                assert_true(value.number == parse_rows[i].number);
        }
}

static void test_reason(void **state) {
        char reason[200];

        (void) state;
        assert_string_equal(value_reason(-EINVAL, "35w", 3, reason, sizeof(reason)),
                            "unknown suffix in 35w (valid: kHz MHz GHz uW mW W us ms s %), did you mean \"W\"?");
        assert_string_equal(value_reason(0, "35W", 3, reason, sizeof(reason)), "");
        assert_non_null(strstr(value_reason(-EDOM, "2.5", 3, reason, sizeof(reason)), "not a whole number"));
        assert_non_null(strstr(value_reason(-ERANGE, "9e", 2, reason, sizeof(reason)), "too large"));
}

static void test_format(void **state) {
        static const int64_t numbers[] = { 0, 7, -1, 1000000, INT64_MAX, INT64_MIN };
        char text[24], expected[24];

        (void) state;
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
                size_t n = number_format(text, numbers[i]);

                (void) snprintf(expected, sizeof(expected), "%lld", (long long) numbers[i]);
                assert_string_equal(text, expected);
                assert_int_equal(n, strlen(expected));
        }
}

static void test_equal(void **state) {
        (void) state;
        assert_true(value_equal("power", 5, "power"));
        assert_false(value_equal("power", 5, "powersave"));
        assert_true(value_equal("6", 1, "06"));
        assert_true(value_equal("2400MHz", 7, "2400000"));
        assert_false(value_equal("2400MHz", 7, "2400"));
        assert_false(value_equal("max", 3, "0"));
        assert_false(value_equal("", 0, "0"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resolve), cmocka_unit_test(test_parse), cmocka_unit_test(test_reason),
                cmocka_unit_test(test_format),  cmocka_unit_test(test_equal),
        };

        return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
