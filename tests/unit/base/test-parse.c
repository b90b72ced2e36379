/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/parse.c: strict numbers, durations, CPU lists and words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void test_i64(void **state) {
        static const struct {
                const char *text;
                int r;
                int64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "-5", 0, -5 },
                { "007", 0, 7 },
                { "9223372036854775807", 0, INT64_MAX },
                { "9223372036854775808", -ERANGE, 0 },
                { "99999999999999999999999", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "-", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { " 1", -EINVAL, 0 },
                { "1 ", -EINVAL, 0 },
                { "0x10", -EINVAL, 0 },
                { "1.5", -EINVAL, 0 },
                { "--1", -EINVAL, 0 },
                { "1\n", -EINVAL, 0 },
        };

        (void) state;
        for (size_t i = 0; i < N(cases); i++) {
                int64_t value = 0;

                assert_int_equal(parse_i64(cases[i].text, &value), cases[i].r);
                assert_true(value == cases[i].value);
        }
}

static void test_u32(void **state) {
        uint32_t value = 7;

        (void) state;
        assert_int_equal(parse_u32("-1", &value), -EINVAL);
        assert_int_equal(parse_u32("4294967296", &value), -ERANGE);
        assert_int_equal(parse_u32("1,2", &value), -EINVAL);
        assert_int_equal(value, 7);
        assert_int_equal(parse_u32("4294967295", &value), 0);
        assert_true(value == UINT32_MAX);
}

static void test_bool(void **state) {
        bool value = false;

        (void) state;
        assert_int_equal(parse_bool("on", &value), 0);
        assert_true(value);
        assert_int_equal(parse_bool("0", &value), 0);
        assert_false(value);
        assert_int_equal(parse_bool("yes true", &value), -EINVAL);
        assert_int_equal(parse_bool("", &value), -EINVAL);
        assert_int_equal(parse_bool("Yes", &value), -EINVAL);
}

static void test_duration(void **state) {
        static const struct {
                const char *text;
                int r;
                uint64_t usec;
        } cases[] = {
                { "2", 0, 2000000 },
                { "500us", 0, 500 },
                { "1500ms", 0, 1500000 },
                { "2s", 0, 2000000 },
                { "10min", 0, 600000000 },
                { "1h", 0, UINT64_C(3600000000) },
                { "0", 0, 0 },
                { "18446744073709551615h", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "s", -EINVAL, 0 },
                { "1 s", -EINVAL, 0 },
                { "-1s", -EINVAL, 0 },
                { "1.5s", -EINVAL, 0 },
                { "1d", -EINVAL, 0 },
        };

        (void) state;
        for (size_t i = 0; i < N(cases); i++) {
                uint64_t usec = 0;

                assert_int_equal(parse_duration(cases[i].text, &usec), cases[i].r);
                assert_true(usec == cases[i].usec);
        }
}

static int collect(uint32_t cpu, void *userdata) {
        char *text = userdata;

        (void) snprintf(text + strlen(text), 16, "%u.", cpu);
        return cpu == 99 ? -ECANCELED : 0;
}

static void test_cpu_list(void **state) {
        static const struct {
                const char *text;
                int r;
                const char *cpus;
        } cases[] = {
                { "", 0, "" },
                { "0-3,8,10-11", 0, "0.1.2.3.8.10.11." },
                { "1 2 3", 0, "1.2.3." },
                { "5", 0, "5." },
                { "3-1", -EINVAL, "" },
                { "a", -EINVAL, "" },
                { "1;2", -EINVAL, "1." },
                { "0-4294967295", -ERANGE, "" },
                { "1001", -ERANGE, "" },
                { "98-200", -ECANCELED, "98.99." },
                { ",1", -EINVAL, "" },
        };

        (void) state;
        for (size_t i = 0; i < N(cases); i++) {
                char cpus[256] = "";

                assert_int_equal(parse_cpu_list(cases[i].text, 1000, collect, cpus), cases[i].r);
                assert_string_equal(cpus, cases[i].cpus);
        }
}

static void test_words(void **state) {
        const char *text = "  one\ttwo\n three", *word;

        (void) state;
        assert_int_equal(next_word(&text, &word), 3);
        assert_memory_equal(word, "one", 3);
        assert_int_equal(next_word(&text, &word), 3);
        assert_int_equal(next_word(&text, &word), 5);
        assert_int_equal(next_word(&text, &word), 0);
        assert_true(word_in_list("performance powersave ", "powersave"));
        assert_false(word_in_list("performance powersave ", "power"));
        assert_false(word_in_list("performance powersave ", ""));
        assert_false(word_in_list("", "x"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_i64),      cmocka_unit_test(test_u32),      cmocka_unit_test(test_bool),
                cmocka_unit_test(test_duration), cmocka_unit_test(test_cpu_list), cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
