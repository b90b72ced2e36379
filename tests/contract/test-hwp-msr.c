/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests the HWP request register in drivers/intel. In a simulated machine, dev/cpu/N/msr is an ordinary file with each register at
 * eight times its number. Usage: test-hwp-msr MACHINES-DIR intel.so */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/contract/contract.h"
#include "tests/lib/fixture.h"

static struct contract c = { .machine = "hwp-msr", .host = { .root_fd = -1 } };
static const char *machines;

static uint64_t reg(unsigned number, const uint64_t *write_value) {
        int fd = openat(c.host.root_fd, "dev/cpu/0/msr", O_RDWR | O_CLOEXEC);
        uint64_t value = 0;

        assert_true(fd >= 0);
        if (write_value)
                assert_int_equal(pwrite(fd, write_value, 8, (off_t) number * 8), 8);
        else
                assert_int_equal(pread(fd, &value, 8, (off_t) number * 8), 8);
        (void) close(fd);
        return value;
}

static void make_machine(const char *scaling_driver, uint64_t enabled, uint64_t request) {
        const uint64_t capabilities = UINT64_C(0x080c182a); /* lowest 8, highest 42 */
        char tree[4096], define[64];
        const char *const defines[] = { define, NULL };

        (void) snprintf(tree, sizeof(tree), "%s/bench-intel-epp.tree", machines);
        (void) snprintf(define, sizeof(define), "DRIVER=%s", scaling_driver);
        (void) strcpy(c.root, "/tmp/governord-hwp-XXXXXX");
        assert_non_null(mkdtemp(c.root));
        assert_int_equal(fixture_make(tree, c.root, defines, NULL, 0), 0);
        c.host = (struct gov_host){ .size = sizeof(c.host), .simulated = 1 };
        c.host.root_fd = open(c.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(mkdirat(c.host.root_fd, "dev/cpu", 0755) == 0 && mkdirat(c.host.root_fd, "dev/cpu/0", 0755) == 0);
        (void) close(openat(c.host.root_fd, "dev/cpu/0/msr", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        (void) reg(0x770, &enabled);
        (void) reg(0x771, &capabilities);
        (void) reg(0x774, &request);
        assert_int_equal(c.driver->probe(&c.host, &c.state), 0);
}

static int unmake(void **state) {
        (void) state;
        if (c.state)
                c.driver->remove(c.state);
        c.state = NULL;
        contract_teardown(&c);
        return 0;
}

static uint32_t find(const char *name) {
        for (uint32_t i = 0; i < c.driver->n_rows; i++)
                if (strcmp(c.driver->rows[i].name, name) == 0)
                        return i;
        return UINT32_MAX;
}

static void test_writes_by_field(void **state) {
        char value[GOVERNORD_VALUE_MAX];

        (void) state;
        make_machine("acpi-cpufreq", 1, UINT64_C(0x80002a08));
        assert_int_equal(c.driver->count(c.state, find("hwp-epp")), 1);
        assert_int_equal(c.driver->read(c.state, find("hwp-epp"), 0, value, sizeof(value)), 3);
        assert_string_equal(value, "128");
        assert_int_equal(c.driver->write(c.state, find("hwp-epp"), 0, "255"), 0);
        assert_true(reg(0x774, NULL) == UINT64_C(0xff002a08));
        assert_int_equal(c.driver->write(c.state, find("hwp-max"), 0, "20"), 0);
        assert_true(reg(0x774, NULL) == UINT64_C(0xff001408));
        assert_int_equal(c.driver->write(c.state, find("hwp-max"), 0, "42"), 0);
        assert_int_equal(c.driver->write(c.state, find("hwp-epp"), 0, "256"), -ERANGE);
        assert_int_equal(c.driver->write(c.state, find("hwp-epp"), 0, "power"), -EINVAL);
        assert_true(reg(0x774, NULL) == UINT64_C(0xff002a08));
}

/* The value after a reset is outside of the range in register 0x771, and must be restorable. */
static void test_reset_value_is_restorable(void **state) {
        struct gov_instance instance = {};

        (void) state;
        make_machine("acpi-cpufreq", 1, UINT64_C(0x8000ff01));
        assert_int_equal(c.driver->describe(c.state, find("hwp-min"), 0, &instance), 0);
        assert_int_equal(instance.min, 8);
        assert_int_equal(instance.max, 42);
        assert_int_equal(c.driver->write(c.state, find("hwp-min"), 0, "12"), 0);
        assert_int_equal(c.driver->write(c.state, find("hwp-max"), 0, "20"), 0);
        assert_int_equal(c.driver->write(c.state, find("hwp-min"), 0, "1"), 0);
        assert_int_equal(c.driver->write(c.state, find("hwp-max"), 0, "255"), 0);
        assert_true(reg(0x774, NULL) == UINT64_C(0x8000ff01));
        assert_int_equal(c.driver->write(c.state, find("hwp-max"), 0, "256"), -ERANGE);
        assert_int_equal(c.driver->write(c.state, find("hwp-min"), 0, "-1"), -ERANGE);
}

static void test_intel_pstate_owns_it(void **state) {
        struct gov_instance instance = {};

        (void) state;
        make_machine("intel_pstate", 1, UINT64_C(0x80002a08));
        assert_int_equal(c.driver->describe(c.state, find("hwp-epp"), 0, &instance), 0);
        assert_true(instance.flags & GOV_INSTANCE_READ_ONLY);
        assert_string_not_equal(instance.note, "");
        assert_int_equal(c.driver->write(c.state, find("hwp-epp"), 0, "255"), -EBUSY);
        assert_true(reg(0x774, NULL) == UINT64_C(0x80002a08));
}

static void test_package_control(void **state) {
        const uint64_t request = UINT64_C(0x80002a08) | UINT64_C(1) << 42;

        (void) state;
        make_machine("acpi-cpufreq", 1, request);
        assert_int_equal(c.driver->write(c.state, find("hwp-epp"), 0, "255"), -EBUSY);
        assert_true(reg(0x774, NULL) == request);
}

static void test_hwp_is_off(void **state) {
        (void) state;
        make_machine("acpi-cpufreq", 0, UINT64_C(0x80002a08));
        assert_int_equal(c.driver->count(c.state, find("hwp-epp")), 0);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_writes_by_field, unmake),
                cmocka_unit_test_teardown(test_reset_value_is_restorable, unmake),
                cmocka_unit_test_teardown(test_intel_pstate_owns_it, unmake),
                cmocka_unit_test_teardown(test_package_control, unmake),
                cmocka_unit_test_teardown(test_hwp_is_off, unmake),
        };
        void *handle = argc == 3 ? dlopen(argv[2], RTLD_NOW | RTLD_LOCAL) : NULL;

        c.driver = handle ? dlsym(handle, GOVERNORD_DRIVER_SYMBOL) : NULL;
        if (!c.driver) {
                (void) fprintf(stderr, "Usage: test-hwp-msr MACHINES-DIR intel.so\n");
                return 2;
        }
        machines = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
