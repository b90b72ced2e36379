/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/machine/access: what drivers' functions return comes through, what they may leave out has an answer, and slow calls are noticed. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "core/machine/access.h"
#include "core/machine/plugin.h"

static int answer;
static long takes_ms;

static void work(void) {
        const struct timespec time = { .tv_nsec = takes_ms * 1000000 };

        (void) nanosleep(&time, NULL);
}

static int read_it(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        work();
        memcpy(ret, "12345", 5);
        return answer;
}

static int write_it(void *state, uint32_t row, uint32_t index, const char *value) {
        work();
        return answer;
}

static const struct gov_driver sound = { .read = read_it, .write = write_it }, bare = { .read = read_it };

static void test_answers(void **state) {
        struct plugin plugin = { .name = "sound", .driver = &sound };
        char value[GOVERNORD_VALUE_MAX];

        takes_ms = 0;
        answer = 3;
        assert_int_equal(access_read(&plugin, 0, 0, value), 3);
        assert_string_equal(value, "123"); /* it ends where the driver says */
        answer = GOVERNORD_VALUE_MAX;
        assert_int_equal(access_read(&plugin, 0, 0, value), -E2BIG);
        answer = -EIO;
        assert_int_equal(access_read(&plugin, 0, 0, value), -EIO);
        assert_int_equal(access_write(&plugin, 0, 0, "1"), -EIO);
        assert_int_equal(plugin.times.calls, 4);
}

static void test_what_a_driver_may_leave_out(void **state) {
        struct plugin plugin = { .name = "bare", .driver = &bare };
        struct gov_cpu_facts facts;

        assert_int_equal(access_write(&plugin, 0, 0, "1"), -EOPNOTSUPP);
        assert_int_equal(access_cpu(&plugin, 0, &facts), -ENODEV);
        assert_int_equal(access_fd(&plugin), -1);
}

/* Told once for each function, however often it is slow. */
static void test_slow_calls(void **state) {
        struct plugin plugin = { .name = "slow", .driver = &sound };
        char value[GOVERNORD_VALUE_MAX], text[1024] = "";
        FILE *log = tmpfile();
        int before = dup(STDOUT_FILENO);

        assert_true(log && before >= 0);
        answer = 0;
        takes_ms = ACCESS_SLOW_USEC / 1000 + 5;
        (void) fflush(stdout);
        assert_true(dup2(fileno(log), STDOUT_FILENO) >= 0);
        for (int i = 0; i < 3; i++)
                (void) access_read(&plugin, 0, 0, value);
        (void) access_write(&plugin, 0, 0, "1");
        (void) fflush(stdout);
        assert_true(dup2(before, STDOUT_FILENO) >= 0);
        (void) close(before);
        rewind(log);
        (void) !fread(text, 1, sizeof(text) - 1, log);
        (void) fclose(log);
        assert_int_equal(plugin.times.slow, 4);
        assert_true(plugin.times.longest_usec >= ACCESS_SLOW_USEC);
        assert_non_null(strstr(text, "Driver slow: read() took "));
        assert_null(strstr(strstr(text, "read()") + 1, "read()"));
        assert_non_null(strstr(text, "Driver slow: write() took "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_what_a_driver_may_leave_out),
                cmocka_unit_test(test_slow_calls),
        };

        log_open("test-access", 7, false);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
