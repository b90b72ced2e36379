/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wake-up latency limits: on a simulated machine, and with the real device if it exists and may be opened. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/platform/latency.h"
#include "tests/unit/small-root.h"

#define DEVICE "dev/cpu_dma_latency"

enum { ROW_DMA, ROW_RESUME, N_ROWS };

static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_DMA] = { "cpu-dma-latency", "all", GOV_SCOPE_NODE, GOV_UNIT_MICROSECOND, GOV_ORDER_LIMIT, GOV_KNOB_FD_HELD },
        [ROW_RESUME] = { "resume-latency", "one", GOV_SCOPE_CPU, GOV_UNIT_MICROSECOND, GOV_ORDER_LIMIT, GOV_KNOB_NAMED },
};
static const struct gov_driver driver = { .n_rows = N_ROWS, .rows = rows };

static const char *value_of(const struct latency *latency) {
        static char text[GOVERNORD_VALUE_MAX];

        assert_true(latency_read(latency, text, sizeof(text)) >= 0);
        return text;
}

static void test_file_of_a_simulated_machine(void **state) {
        struct small_root root;
        struct latency latency;

        (void) state;
        small_root_make(&root);
        small_root_write(&root, DEVICE, "");
        latency_init(&latency, &root.host);
        assert_string_equal(value_of(&latency), "");
        assert_int_equal(latency_write(&latency, "1000"), 0);
        assert_string_equal(small_root_read(&root, DEVICE), "1000");
        assert_int_equal(latency_write(&latency, "20"), 0);
        assert_string_equal(value_of(&latency), "20");
        assert_int_equal(latency_write(&latency, ""), 0);
        assert_string_equal(value_of(&latency), "");
        small_root_write(&root, DEVICE, "2000000000\n");
        assert_string_equal(value_of(&latency), "");
        assert_int_equal(latency_write(&latency, "7"), 0);
        latency_done(&latency); /* removes the request */
        assert_string_equal(small_root_read(&root, DEVICE), "");
        small_root_remove(&root);
}

/* Without a request of its own, latency_done() does not change the file. */
static void test_done_without_wish_changes_nothing(void **state) {
        struct small_root root;
        struct latency latency;

        (void) state;
        small_root_make(&root);
        small_root_write(&root, DEVICE, "55");
        latency_init(&latency, &root.host);
        assert_string_equal(value_of(&latency), "55");
        latency_done(&latency);
        assert_string_equal(small_root_read(&root, DEVICE), "55");
        small_root_remove(&root);
}

static void test_refuses(void **state) {
        static const struct {
                const char *value;
                int result;
        } cases[] = {
                { "-1", -ERANGE }, { "2000000000", -ERANGE }, { "99999999999", -ERANGE }, { "1us", -EINVAL }, { "n/a", -EINVAL },
        };
        struct small_root root;
        struct latency latency;

        (void) state;
        small_root_make(&root);
        latency_init(&latency, &root.host);
        assert_int_equal(latency_write(&latency, "1"), -ENODEV); /* no such file */
        small_root_write(&root, DEVICE, "");
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(latency_write(&latency, cases[i].value), cases[i].result);
        assert_string_equal(small_root_read(&root, DEVICE), "");
        root.host.simulated = 0; /* an ordinary file is not accepted as the device */
        assert_int_equal(latency_write(&latency, "1"), -ENODEV);
        assert_string_equal(small_root_read(&root, DEVICE), "");
        latency_done(&latency);
        small_root_remove(&root);
}

static void test_resume_takes_number_or_na(void **state) {
        static const char path[] = "sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us";
        struct small_root root;
        struct gov_instance instance;
        struct knobset set;

        (void) state;
        small_root_make(&root);
        small_root_write(&root, path, "0\n");
        small_root_write(&root, "sys/devices/system/cpu/cpufreq/boost", "1"); /* "cpufreq" is not a CPU */
        assert_int_equal(knobset_init(&set, &driver, &root.host, NULL), 0);
        assert_int_equal(latency_add(&set, ROW_DMA, ROW_RESUME), 0);
        assert_int_equal(knobset_count(&set, ROW_DMA), 0);
        assert_int_equal(knobset_count(&set, ROW_RESUME), 1);
        assert_int_equal(knobset_describe(&set, ROW_RESUME, 0, &instance), 0);
        assert_int_equal(instance.domain, 3);
        assert_int_equal(knobset_write(&set, ROW_RESUME, 0, "n/a"), 0);
        assert_string_equal(small_root_read(&root, path), "n/a");
        assert_int_equal(knobset_write(&set, ROW_RESUME, 0, "120"), 0);
        assert_string_equal(small_root_read(&root, path), "120");
        assert_int_equal(knobset_write(&set, ROW_RESUME, 0, "2147483647"), -ERANGE);
        assert_true(knobset_write(&set, ROW_RESUME, 0, "none") < 0);
        knobset_done(&set);
        small_root_remove(&root);
}

/* Holds a very long limit for a short time, which has no effect on the machine. */
static void test_real_device(void **state) {
        struct gov_host host = { .size = sizeof(host), .root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) };
        struct latency latency, other;

        (void) state;
        if (access("/" DEVICE, R_OK | W_OK) < 0)
                skip();
        latency_init(&latency, &host);
        latency_init(&other, &host);
        if (value_of(&latency)[0] != '\0') /* another program has a request */
                skip();
        assert_int_equal(latency_write(&latency, "1900000000"), 0);
        assert_string_equal(value_of(&other), "1900000000");
        assert_int_equal(latency_write(&other, "1800000000"), 0);
        assert_string_equal(value_of(&latency), "1800000000"); /* the smallest request counts */
        assert_int_equal(latency_write(&other, "1950000000"), 0);
        assert_string_equal(value_of(&other), "1900000000");
        latency_done(&latency);
        assert_string_equal(value_of(&other), "1950000000");
        assert_int_equal(latency_write(&other, ""), 0);
        assert_string_equal(value_of(&other), "");
        latency_done(&other);
        (void) close(host.root_fd);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_file_of_a_simulated_machine),
                cmocka_unit_test(test_done_without_wish_changes_nothing),
                cmocka_unit_test(test_refuses),
                cmocka_unit_test(test_resume_takes_number_or_na),
                cmocka_unit_test(test_real_device),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
