/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EPP of arm64 servers: the kernel has numbers, and profiles have the usual names. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/arm64/arm64.h"
#include "tests/unit/small-root.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy0/"
#define EPP    POLICY "energy_performance_preference_val"

static void *probe(struct small_root *root, const char *epp) {
        void *state = NULL;

        small_root_make(root);
        small_root_write(root, POLICY "scaling_driver", "cppc_cpufreq\n");
        small_root_write(root, EPP, epp);
        small_root_write(root, POLICY "auto_select", epp[0] == '<' ? epp : "0\n");
        assert_int_equal(governord_driver.probe(&root->host, &state), 0);
        return state;
}

static void done(struct small_root *root, void *state) {
        governord_driver.remove(state);
        small_root_remove(root);
}

static void test_words_become_numbers_and_back(void **state) {
        static const struct {
                const char *written, *stored, *seen;
        } cases[] = {
                { "performance", "0", "performance" },
                { "balance_performance", "128", "balance_performance" },
                { "balance_power", "192", "balance_power" },
                { "power", "255", "power" },
                { "100", "100", "100" },
                { "192", "192", "balance_power" },
                { "0", "0", "performance" },
        };
        struct small_root root;
        void *arm64 = probe(&root, "77\n");
        char value[GOVERNORD_VALUE_MAX];

        (void) state;
        assert_int_equal(governord_driver.read(arm64, ROW_EPP, 0, value, sizeof(value)), 2);
        assert_string_equal(value, "77");
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(governord_driver.write(arm64, ROW_EPP, 0, cases[i].written), 0);
                assert_string_equal(small_root_read(&root, EPP), cases[i].stored);
                assert_int_equal(governord_driver.read(arm64, ROW_EPP, 0, value, sizeof(value)), strlen(cases[i].seen));
                assert_string_equal(value, cases[i].seen);
        }
        done(&root, arm64);
}

static void test_refuses(void **state) {
        static const char *const values[] = { "256", "-1", "default", "", "1 2", "0x80" };
        struct small_root root;
        void *arm64 = probe(&root, "77\n");

        (void) state;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
                assert_true(governord_driver.write(arm64, ROW_EPP, 0, values[i]) < 0);
        assert_string_equal(small_root_read(&root, EPP), "77");
        done(&root, arm64);
}

/* Registers that the firmware lacks are not offered. */
static void test_unsupported_register(void **state) {
        struct small_root root;
        void *arm64 = probe(&root, "<unsupported>\n");

        (void) state;
        assert_int_equal(governord_driver.count(arm64, ROW_EPP), 0);
        assert_int_equal(governord_driver.count(arm64, ROW_AUTO_SELECT), 0);
        done(&root, arm64);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words_become_numbers_and_back),
                cmocka_unit_test(test_refuses),
                cmocka_unit_test(test_unsupported_register),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
