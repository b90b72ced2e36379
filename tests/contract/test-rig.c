/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests the facts that drivers/common/rig.c supplies for the test rigs of power-profiles-daemon, through the drivers of vendors, and
 * that it supplies none on other machines. Usage: test-rig amd.so intel.so */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/contract/contract.h"
#include "tests/unit/small-root.h"

#define CPU    "sys/devices/system/cpu/"
#define POLICY CPU "cpufreq/policy0/"
#define EPP    POLICY "energy_performance_preference"

static const struct gov_driver *amd, *intel;

static struct rig {
        struct small_root root;
        const struct gov_driver *driver;
        void *state;
} rig;

static int make(void **state) {
        (void) state;
        small_root_make(&rig.root);
        small_root_write(&rig.root, POLICY "scaling_governor", "powersave\n");
        small_root_write(&rig.root, POLICY "cpuinfo_min_freq", "400000\n");
        small_root_write(&rig.root, POLICY "scaling_min_freq", "400000\n");
        small_root_write(&rig.root, POLICY "amd_pstate_lowest_nonlinear_freq", "1114000\n");
        small_root_write(&rig.root, EPP, "performance\n");
        return 0;
}

static int unmake(void **state) {
        (void) state;
        if (rig.state)
                rig.driver->remove(rig.state);
        small_root_remove(&rig.root);
        rig = (struct rig){};
        return 0;
}

static void probe(const struct gov_driver *driver, uint32_t simulated) {
        rig.driver = driver;
        rig.root.host.simulated = simulated;
        assert_int_equal(driver->probe(&rig.root.host, &rig.state), 0);
}

static uint32_t find(const char *name) {
        for (uint32_t i = 0; i < rig.driver->n_rows; i++)
                if (strcmp(rig.driver->rows[i].name, name) == 0)
                        return i;
        return UINT32_MAX;
}

static int count(const char *name) {
        return rig.driver->count(rig.state, find(name));
}

static struct gov_instance describe(const char *name) {
        struct gov_instance instance = { .min = 1 };

        assert_int_equal(count(name), 1);
        assert_int_equal(rig.driver->describe(rig.state, find(name), 0, &instance), 0);
        return instance;
}

static void assert_bytes(const char *path, const char *wanted) {
        char text[64] = "";
        int fd = openat(rig.root.host.root_fd, path, O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
        (void) close(fd);
        assert_string_equal(text, wanted);
}

static void test_active(void **state) {
        struct gov_instance min_freq;
        struct gov_cpu_facts facts = {};

        (void) state;
        small_root_write(&rig.root, CPU "amd_pstate/status", "active\n");
        probe(amd, GOV_SIMULATED_RIG);
        assert_string_equal(describe("epp").choices, "default performance balance_performance balance_power power");
        assert_string_equal(describe("governor").choices, "");
        min_freq = describe("min-freq");
        assert_true(min_freq.min == 400000 && min_freq.max == 1114000);
        assert_int_equal(amd->cpu(rig.state, 0, &facts), 0);
        assert_true(facts.policy == 0 && facts.efficient_khz == 1114000);
        assert_int_equal(amd->cpu(rig.state, 1, &facts), -ENODEV);
        assert_bytes(EPP, "performance");
        assert_bytes(POLICY "scaling_governor", "powersave");
}

static void test_passive(void **state) {
        (void) state;
        small_root_write(&rig.root, CPU "amd_pstate/status", "passive\n");
        probe(amd, GOV_SIMULATED_RIG);
        assert_int_equal(count("epp"), 0);
        assert_int_equal(count("governor"), 1);
}

static void test_intel(void **state) {
        (void) state;
        small_root_write(&rig.root, CPU "intel_pstate/status", "active\n");
        probe(intel, GOV_SIMULATED_RIG);
        assert_int_equal(count("epp"), 1);
        assert_int_equal(count("governor"), 1);
}

static void test_intel_passive(void **state) {
        (void) state;
        small_root_write(&rig.root, CPU "intel_pstate/status", "passive\n");
        probe(intel, GOV_SIMULATED_RIG);
        assert_int_equal(count("governor"), 0);
        assert_bytes(EPP, "performance\n");
}

static void test_preference_cannot_be_written(void **state) {
        (void) state;
        small_root_write(&rig.root, CPU "amd_pstate/status", "active\n");
        assert_int_equal(fchmodat(rig.root.host.root_fd, EPP, 0444, 0), 0);
        probe(amd, GOV_SIMULATED_RIG);
        assert_int_equal(count("governor"), 0);
}

/* Not a rig: a policy without a scaling driver belongs to no plugin. Only the mode is provided, so that the service is notified
 * when the kernel driver is enabled again. */
static void test_tree(void **state) {
        struct gov_driver_info info = {};

        (void) state;
        small_root_write(&rig.root, CPU "amd_pstate/status", "disable\n");
        probe(amd, GOV_SIMULATED_TREE);
        assert_int_equal(count("governor"), 0);
        assert_int_equal(count("driver-mode"), 1);
        assert_int_equal(amd->info(rig.state, &info), 0);
        assert_string_equal(info.mode, "disable"); /* the value that the service compares with driver-mode */
        assert_bytes(EPP, "performance\n");
}

static const struct gov_driver *load(const char *path) {
        void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

        return handle ? dlsym(handle, GOVERNORD_DRIVER_SYMBOL) : NULL;
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_active, make, unmake),
                cmocka_unit_test_setup_teardown(test_passive, make, unmake),
                cmocka_unit_test_setup_teardown(test_intel, make, unmake),
                cmocka_unit_test_setup_teardown(test_intel_passive, make, unmake),
                cmocka_unit_test_setup_teardown(test_preference_cannot_be_written, make, unmake),
                cmocka_unit_test_setup_teardown(test_tree, make, unmake),
        };

        amd = argc == 3 ? load(argv[1]) : NULL;
        intel = argc == 3 ? load(argv[2]) : NULL;
        if (!amd || !intel) {
                (void) fprintf(stderr, "Usage: test-rig amd.so intel.so\n");
                return 2;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
