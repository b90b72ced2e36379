/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The amd driver with kernels that are not among the simulated machines: dynamic EPP, policies without some files. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/amd/amd.h"
#include "tests/unit/small-root.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy0/"
#define PSTATE "sys/devices/system/cpu/amd_pstate/"

static void put_policy(const struct small_root *root) {
        small_root_write(root, POLICY "scaling_driver", "amd-pstate-epp\n");
        small_root_write(root, POLICY "scaling_governor", "powersave\n");
        small_root_write(root, POLICY "scaling_available_governors", "performance powersave\n");
        small_root_write(root, POLICY "energy_performance_preference", "balance_performance\n");
        small_root_write(root, POLICY "energy_performance_available_preferences", "default performance balance_performance\n");
        small_root_write(root, PSTATE "status", "active\n");
}

static void *probe(struct small_root *root) {
        void *state = NULL;

        assert_int_equal(governord_driver.probe(&root->host, &state), 0);
        assert_non_null(state);
        return state;
}

static uint32_t epp_flags(void *state) {
        struct gov_instance instance = { .min = 1 };

        assert_int_equal(governord_driver.count(state, ROW_EPP), 1);
        assert_int_equal(governord_driver.describe(state, ROW_EPP, 0, &instance), 0);
        assert_string_equal(instance.choices, "default performance balance_performance");
        assert_int_equal(instance.note[0] != '\0', instance.flags != 0);
        return instance.flags;
}

static void test_dynamic_epp_makes_read_only(void **state) {
        static const struct {
                const char *value;
                uint32_t flags;
        } cases[] = {
                { "enabled\n", GOV_INSTANCE_READ_ONLY },
                { "1\n", GOV_INSTANCE_READ_ONLY },
                { "disabled\n", 0 },
                { "0\n", 0 },
                { "\n", 0 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct small_root root;
                char value[GOVERNORD_VALUE_MAX];
                void *amd;

                small_root_make(&root);
                put_policy(&root);
                small_root_write(&root, PSTATE "dynamic_epp", cases[i].value);
                amd = probe(&root);
                assert_int_equal(epp_flags(amd), cases[i].flags);
                assert_int_equal(governord_driver.read(amd, ROW_EPP, 0, value, sizeof(value)), 19);
                assert_int_equal(governord_driver.write(amd, ROW_EPP, 0, "performance"), cases[i].flags ? -EACCES : 0);
                governord_driver.remove(amd);
                small_root_remove(&root);
        }
}

static void test_mode_is_told(void **state) {
        struct gov_driver_info info = {};
        struct small_root root;
        void *amd;

        (void) state;
        small_root_make(&root);
        put_policy(&root);
        amd = probe(&root);
        assert_int_equal(governord_driver.info(amd, &info), 0);
        assert_string_equal(info.backend, "amd_pstate");
        assert_string_equal(info.mode, "active");
        assert_int_equal(info.kind, GOV_KIND_CPU);
        assert_int_equal(governord_driver.count(amd, ROW_BOOST), 0);
        assert_int_equal(governord_driver.count(amd, ROW_FLOOR_FREQ), 0);
        governord_driver.remove(amd);
        small_root_remove(&root);
}

/* With the governor "performance", as on servers after boot, the kernel lists only this preference. */
static void test_governor_hides_no_preferences(void **state) {
        struct gov_instance instance = { .min = 1 };
        struct small_root root;
        void *amd;

        (void) state;
        small_root_make(&root);
        put_policy(&root);
        small_root_write(&root, POLICY "scaling_governor", "performance\n");
        small_root_write(&root, POLICY "energy_performance_available_preferences", "performance\n");
        amd = probe(&root);
        assert_int_equal(governord_driver.count(amd, ROW_EPP), 1);
        assert_int_equal(governord_driver.describe(amd, ROW_EPP, 0, &instance), 0);
        assert_string_equal(instance.choices, "default performance balance_performance balance_power power");
        assert_int_equal(instance.flags, 0);
        assert_int_equal(governord_driver.write(amd, ROW_EPP, 0, "power"), 0);
        assert_string_equal(small_root_read(&root, POLICY "energy_performance_preference"), "power");
        governord_driver.remove(amd);
        small_root_remove(&root);
}

/* Linux 7.3 shows the present preference after "dynamic", but accepts only "dynamic" alone. */
static void test_dynamic_is_a_word(void **state) {
        char value[GOVERNORD_VALUE_MAX];
        struct small_root root;
        void *amd;

        (void) state;
        small_root_make(&root);
        put_policy(&root);
        small_root_write(&root, POLICY "energy_performance_available_preferences", "default performance power custom dynamic\n");
        small_root_write(&root, POLICY "energy_performance_preference", "dynamic(profile:performance)\n");
        amd = probe(&root);
        assert_int_equal(governord_driver.read(amd, ROW_EPP, 0, value, sizeof(value)), 7);
        assert_string_equal(value, "dynamic");
        assert_int_equal(governord_driver.write(amd, ROW_EPP, 0, value), 0);
        assert_int_equal(governord_driver.write(amd, ROW_EPP, 0, "100"), 0);
        assert_int_equal(governord_driver.write(amd, ROW_EPP, 0, "256"), -ERANGE);
        governord_driver.remove(amd);
        small_root_remove(&root);
}

/* Linux 6.1 has no file with the mode, and no boost for each policy. */
static void test_old_kernel(void **state) {
        struct gov_driver_info info = {};
        struct gov_instance instance = {};
        struct small_root root;
        void *amd;

        (void) state;
        small_root_make(&root);
        small_root_write(&root, POLICY "scaling_driver", "amd-pstate\n");
        small_root_write(&root, POLICY "scaling_governor", "schedutil\n");
        small_root_write(&root, "sys/devices/system/cpu/cpufreq/boost", "1\n");
        amd = probe(&root);
        assert_int_equal(governord_driver.info(amd, &info), 0);
        assert_string_equal(info.mode, "passive");
        assert_int_equal(governord_driver.count(amd, ROW_BOOST_GLOBAL), 0);
        assert_int_equal(governord_driver.count(amd, ROW_BOOST), 1);
        assert_int_equal(governord_driver.describe(amd, ROW_BOOST, 0, &instance), 0);
        assert_string_equal(instance.path, "sys/devices/system/cpu/cpufreq/boost");
        assert_string_not_equal(instance.note, "");
        governord_driver.remove(amd);
        small_root_remove(&root);
}

/* AMD's energy counters have the name intel-rapl in the kernel, so the driver must not use them on machines of Intel. */
static void test_energy_needs_amd_cpu(void **state) {
        static const char *const makers[] = { "GenuineIntel", "AuthenticAMD" };

        (void) state;
        for (int is_amd = 0; is_amd < 2; is_amd++) {
                struct small_root root;
                char cpuinfo[64];
                void *amd = NULL;

                small_root_make(&root);
                (void) snprintf(cpuinfo, sizeof(cpuinfo), "processor\t: 0\nvendor_id\t: %s\n", makers[is_amd]);
                small_root_write(&root, "proc/cpuinfo", cpuinfo);
                small_root_write(&root, "sys/class/powercap/intel-rapl:0/name", "package-0\n");
                small_root_write(&root, "sys/class/powercap/intel-rapl:0/energy_uj", "12345\n");
                assert_int_equal(governord_driver.probe(&root.host, &amd), is_amd ? 0 : -ENODEV);
                if (is_amd) {
                        assert_int_equal(governord_driver.count(amd, ROW_ENERGY), 1);
                        assert_int_equal(governord_driver.write(amd, ROW_ENERGY, 0, "1"), -EOPNOTSUPP);
                        governord_driver.remove(amd);
                }
                small_root_remove(&root);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_dynamic_epp_makes_read_only),
                cmocka_unit_test(test_mode_is_told),
                cmocka_unit_test(test_governor_hides_no_preferences),
                cmocka_unit_test(test_dynamic_is_a_word),
                cmocka_unit_test(test_old_kernel),
                cmocka_unit_test(test_energy_needs_amd_cpu),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
