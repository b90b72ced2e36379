/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drivers/common/knobset*.c: accepted and rejected values, and open descriptors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "drivers/common/knobset.h"

enum { ROW_TEXT, ROW_KHZ, ROW_NAMED, ROW_SENSOR, ROW_OWN, N_ROWS };

static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_TEXT] = { "text", "a text", GOV_SCOPE_POLICY, GOV_UNIT_TEXT, GOV_ORDER_MODE, 0 },
        [ROW_KHZ] = { "khz", "a frequency", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, 0 },
        [ROW_NAMED] = { "named", "a number with names", GOV_SCOPE_CPU, GOV_UNIT_NUMBER, GOV_ORDER_EPP, GOV_KNOB_NAMED },
        [ROW_SENSOR] = { "sensor", "a sensor", GOV_SCOPE_NODE, GOV_UNIT_NUMBER, GOV_ORDER_MODE, GOV_KNOB_SENSOR },
        [ROW_OWN] = { "own", "a register", GOV_SCOPE_NODE, GOV_UNIT_BOOL, GOV_ORDER_MODE, 0 },
};

static const struct gov_driver driver = { .n_rows = N_ROWS, .rows = rows, .name = "test" };

static char root[32];
static struct gov_host host = { .simulated = 1, .root_fd = -1 };
static struct knobset set;
static char own_value[GOVERNORD_VALUE_MAX];

static int own_read(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        assert_ptr_equal(state, &set);
        assert_string_equal(instance->label, "register");
        (void) snprintf(ret, size, "%s", own_value);
        return (int) strlen(ret);
}

static int own_write(void *state, const struct gov_instance *instance, const char *value) {
        (void) state;
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EBUSY;
        (void) snprintf(own_value, sizeof(own_value), "%s", value);
        return 0;
}

static const struct knobset_access access_table[N_ROWS] = { [ROW_OWN] = { .read = own_read, .write = own_write } };

static void put(const char *name, const char *text, mode_t mode) {
        int fd;

        (void) unlinkat(host.root_fd, name, 0);
        fd = openat(host.root_fd, name, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        assert_int_equal(fchmod(fd, mode), 0);
        (void) close(fd);
}

static int setup(void **state) {
        (void) state;
        (void) strcpy(root, "/tmp/test-knobset-XXXXXX");
        if (!mkdtemp(root))
                return -1;
        host.root_fd = open(root, O_PATH | O_DIRECTORY);
        return knobset_init(&set, &driver, &host, access_table);
}

static int forget(const char *name, void *userdata) {
        (void) userdata;
        return unlinkat(host.root_fd, name, 0);
}

static int teardown(void **state) {
        (void) state;
        knobset_done(&set);
        (void) attr_walk(host.root_fd, ".", "", forget, NULL);
        (void) close(host.root_fd);
        return rmdir(root);
}

static void add(uint32_t row, const char *path, const char *choices, int64_t min, int64_t max) {
        struct gov_instance instance = { .domain = 3, .min = min, .max = max, .step = 100 };

        assert_int_equal(TEXT_FORMAT(instance.path, "%s", path), 0);
        assert_int_equal(TEXT_FORMAT(instance.choices, "%s", choices), 0);
        assert_int_equal(TEXT_FORMAT(instance.label, "register"), 0);
        assert_int_equal(knobset_add(&set, row, &instance), 1);
}

static void expect(uint32_t row, const char *wanted) {
        char value[GOVERNORD_VALUE_MAX];

        assert_int_equal(knobset_read(&set, row, 0, value, sizeof(value)), strlen(wanted));
        assert_string_equal(value, wanted);
}

static void test_describe_returns_what_was_added(void **state) {
        struct gov_instance instance;

        (void) state;
        put("f", "a\n", 0644);
        add(ROW_TEXT, "f", "a b", 1, 0);
        assert_int_equal(knobset_count(&set, ROW_TEXT), 1);
        assert_int_equal(knobset_describe(&set, ROW_TEXT, 0, &instance), 0);
        assert_int_equal(instance.domain, 3);
        assert_int_equal(instance.step, 100);
        assert_int_equal(instance.flags, 0);
        assert_string_equal(instance.path, "f");
        assert_string_equal(instance.choices, "a b");
        assert_string_equal(instance.label, "register");
        assert_int_equal(knobset_describe(&set, ROW_TEXT, 1, &instance), -EOPNOTSUPP);
        assert_int_equal(knobset_describe(&set, N_ROWS, 0, &instance), -EOPNOTSUPP);
        assert_int_equal(knobset_count(&set, N_ROWS), 0);
}

static void test_missing_files_are_left_out(void **state) {
        (void) state;
        assert_int_equal(knobset_add_file(&set, ROW_TEXT, 0, "missing%u", 1), 0);
        assert_int_equal(knobset_add_file(&set, UINT32_MAX, 0, "missing"), 0);
        assert_int_equal(knobset_total(&set), 0);
}

static void test_texts(void **state) {
        (void) state;
        put("f", "a\n", 0644);
        add(ROW_TEXT, "f", "a b", 1, 0);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 0, "b"), 0);
        expect(ROW_TEXT, "b");
        assert_int_equal(knobset_write(&set, ROW_TEXT, 0, "c"), -EINVAL);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 0, "a b"), -EINVAL);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 0, ""), -EINVAL);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 0, "a\n"), -EINVAL);
        put("g", "x\n", 0644);
        add(ROW_TEXT, "g", "", 1, 0);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 1, "anything-2"), 0);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 1, "; rm"), -EINVAL);
        assert_int_equal(knobset_write(&set, ROW_TEXT, 1, "a/b"), -EINVAL);
}

static void test_numbers(void **state) {
        char text[GOVERNORD_VALUE_MAX + 1];

        (void) state;
        memset(text, '1', GOVERNORD_VALUE_MAX);
        text[GOVERNORD_VALUE_MAX] = '\0';
        put("f", "500\n", 0644);
        add(ROW_KHZ, "f", "", 100, 1000);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "100"), 0);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "1000"), 0);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "-1"), -ERANGE);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "4294967296"), -ERANGE);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "9223372036854775807"), -ERANGE);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "fast"), -EINVAL);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, text), -E2BIG);
        expect(ROW_KHZ, "1000");
        add(ROW_KHZ, "f", "", 1, 0); /* a row without a range */
        assert_int_equal(knobset_write(&set, ROW_KHZ, 1, "123456789"), 0);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 1, "-1"), -ERANGE);
}

/* An original value of another program may be outside of the range, and must be restorable. */
static void test_original_outside_the_range(void **state) {
        (void) state;
        put("f", "99\n", 0644);
        add(ROW_KHZ, "f", "", 100, 1000);
        expect(ROW_KHZ, "99");
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "1000"), 0);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "99"), 0);
        expect(ROW_KHZ, "99");
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "1001"), 0);
        expect(ROW_KHZ, "1001");
}

static int wider(const struct gov_host *h, struct gov_instance *instance) {
        assert_ptr_equal(h, &host);
        instance->max = 2000;
        return 0;
}

static void test_range_of_its_own(void **state) {
        (void) state;
        put("f", "500\n", 0644);
        add(ROW_KHZ, "f", "", 100, 1000);
        knobset_set_range(&set, ROW_KHZ, wider);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "2000"), 0);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "2001"), -ERANGE);
}

static void test_named(void **state) {
        (void) state;
        put("f", "6\n", 0644);
        add(ROW_NAMED, "f", "performance power", 0, 15);
        assert_int_equal(knobset_write(&set, ROW_NAMED, 0, "power"), 0);
        assert_int_equal(knobset_write(&set, ROW_NAMED, 0, "15"), 0);
        assert_int_equal(knobset_write(&set, ROW_NAMED, 0, "16"), -ERANGE);
        assert_int_equal(knobset_write(&set, ROW_NAMED, 0, "powerful"), -EINVAL);
}

static void test_read_only_and_sensors(void **state) {
        struct gov_instance instance;

        (void) state;
        put("f", "1\n", 0444);
        add(ROW_KHZ, "f", "", 1, 0);
        assert_int_equal(knobset_describe(&set, ROW_KHZ, 0, &instance), 0);
        assert_int_equal(instance.flags, GOV_INSTANCE_READ_ONLY);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "2"), -EACCES);
        put("s", "7\n", 0644);
        add(ROW_SENSOR, "s", "", 1, 0);
        assert_int_equal(knobset_write(&set, ROW_SENSOR, 0, "1"), -EOPNOTSUPP);
        expect(ROW_SENSOR, "7");
}

static void test_own_access(void **state) {
        struct gov_instance busy = { .flags = GOV_INSTANCE_READ_ONLY, .min = 0, .max = 1, .label = "register" };

        (void) state;
        add(ROW_OWN, "", "", 0, 1);
        assert_int_equal(knobset_write(&set, ROW_OWN, 0, "1"), 0);
        expect(ROW_OWN, "1");
        assert_int_equal(knobset_write(&set, ROW_OWN, 0, "2"), -ERANGE); /* checked before the row's own function is called */
        assert_int_equal(knobset_add(&set, ROW_OWN, &busy), 1);
        assert_int_equal(knobset_write(&set, ROW_OWN, 1, "1"), -EBUSY);
}

static void test_gone_and_back(void **state) {
        char value[GOVERNORD_VALUE_MAX];

        (void) state;
        put("f", "1\n", 0644);
        add(ROW_KHZ, "f", "", 1, 0);
        expect(ROW_KHZ, "1");
        assert_int_equal(unlinkat(host.root_fd, "f", 0), 0);
        assert_int_equal(knobset_read(&set, ROW_KHZ, 0, value, sizeof(value)), -ENOENT);
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "2"), -ENOENT);
        put("f", "3\n", 0644);
        expect(ROW_KHZ, "3");
        put("f", "4\n", 0644); /* replaces the file while a descriptor of the former one is open */
        expect(ROW_KHZ, "4");
        assert_int_equal(knobset_write(&set, ROW_KHZ, 0, "5"), 0);
        expect(ROW_KHZ, "5");
}

/* With more knobs than descriptors, all knobs work, and some descriptors stay free. */
static void test_few_descriptors(void **state) {
        struct rlimit old, few = { .rlim_cur = 64 };
        char name[16], value[GOVERNORD_VALUE_MAX];
        int others[8];

        (void) state;
        for (int i = 0; i < 200; i++) {
                (void) snprintf(name, sizeof(name), "f%d", i);
                put(name, "1\n", 0644);
                add(ROW_KHZ, name, "", 1, 0);
        }
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
        few.rlim_max = old.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        for (uint32_t i = 0; i < 200; i++) {
                assert_int_equal(knobset_write(&set, ROW_KHZ, i, "2"), 0);
                assert_int_equal(knobset_read(&set, ROW_KHZ, i, value, sizeof(value)), 1);
        }
        for (int i = 0; i < 8; i++)
                assert_true((others[i] = dup(host.root_fd)) >= 0);
        for (int i = 0; i < 8; i++)
                (void) close(others[i]);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_MEMORY 0
#else
#define COUNTS_MEMORY 1
#endif

static void test_memory_per_instance(void **state) {
        /* as long as the longest path of a policy's file */
        const char *path = "sys-devices-system-cpu-cpufreq-policy4095-energy_performance_preference";
        const uint32_t n = 24576; /* 4096 CPUs, 6 knobs */
        struct mallinfo2 before = mallinfo2(), after;

        (void) state;
        put(path, "x", 0644);
        for (uint32_t i = 0; i < n; i++)
                add(ROW_TEXT, path, "default performance balance_performance balance_power power", 0, 255);
        after = mallinfo2();
        if (COUNTS_MEMORY)
                assert_true((after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / n < 200);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_describe_returns_what_was_added),
                TEST(test_missing_files_are_left_out),
                TEST(test_texts),
                TEST(test_numbers),
                TEST(test_original_outside_the_range),
                TEST(test_range_of_its_own),
                TEST(test_named),
                TEST(test_read_only_and_sensors),
                TEST(test_own_access),
                TEST(test_gone_and_back),
                TEST(test_few_descriptors),
                TEST(test_memory_per_instance),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
