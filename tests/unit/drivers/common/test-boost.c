/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On which policies boost has an effect, for the machines of the virtual lab. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/common/boost.h"
#include "tests/unit/small-root.h"

#define CPUFREQ "sys/devices/system/cpu/cpufreq/"
#define CPPC    "sys/devices/system/cpu/cpu0/acpi_cppc/"

static void test_where_boost_exists(void **state) {
        static const struct {
                const char *driver, *list; /* the list of boost frequencies; NULL: no such file */
                const char *highest, *nominal;
                bool exists;
        } cases[] = {
                { "cpufreq-dt", " \n", NULL, NULL, false },    { "cpufreq-dt", "2600000 \n", NULL, NULL, true },
                { "cpufreq-dt", NULL, NULL, NULL, true },      { "acpi-cpufreq", " \n", NULL, NULL, true },
                { "cppc_cpufreq", NULL, "200", "200", false }, { "cppc_cpufreq", NULL, "300", "260", true },
                { "cppc_cpufreq", NULL, NULL, NULL, true },    { "scmi", "", NULL, NULL, false },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct small_root root;

                small_root_make(&root);
                small_root_write(&root, CPUFREQ "policy0/scaling_driver", cases[i].driver);
                if (cases[i].list)
                        small_root_write(&root, CPUFREQ "policy0/scaling_boost_frequencies", cases[i].list);
                if (cases[i].highest) {
                        small_root_write(&root, CPPC "highest_perf", cases[i].highest);
                        small_root_write(&root, CPPC "nominal_perf", cases[i].nominal);
                }
                assert_int_equal(boost_exists(&root.host, 0), cases[i].exists);
                small_root_remove(&root);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_where_boost_exists),
        };

        return cmocka_run_group_tests_name("boost", tests, NULL, NULL);
}
