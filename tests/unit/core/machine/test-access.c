/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/machine/access: results of drivers' functions are returned, missing optional functions have defaults, and slow calls are
 * logged. */

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
        assert_string_equal(value, "123"); /* its length is the one that the driver returned */
        answer = GOVERNORD_VALUE_MAX;
        assert_int_equal(access_read(&plugin, 0, 0, value), -E2BIG);
        answer = -EIO;
        assert_int_equal(access_read(&plugin, 0, 0, value), -EIO);
        assert_int_equal(access_write(&plugin, 0, 0, "1", NULL, NULL), -EIO);
        assert_int_equal(plugin.times.calls, 4);
}

static void test_what_a_driver_may_leave_out(void **state) {
        struct plugin plugin = { .name = "bare", .driver = &bare };
        struct gov_cpu_facts facts;

        assert_int_equal(access_write(&plugin, 0, 0, "1", NULL, NULL), -EOPNOTSUPP);
        assert_int_equal(access_cpu(&plugin, 0, &facts), -ENODEV);
        assert_int_equal(access_fd(&plugin), -1);
}

/* A slow function is logged only once. */
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
        (void) access_write(&plugin, 0, 0, "1", NULL, NULL);
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

/* -- a driver in another process -- */

static struct {
        int refuses; /* negative errno of send, or 0 */
        uint64_t cookies[4];
        char values[4][16];
        int n_sent;
        int results[4];
        char shown[4][16];
        int n_answered;
} there;

static int send_there(const struct access_call *call, void *userdata) {
        assert_ptr_equal(userdata, &there);
        if (there.refuses < 0)
                return there.refuses;
        there.cookies[there.n_sent] = call->cookie;
        strcpy(there.values[there.n_sent++], call->value);
        return 0;
}

static void take_answer(int r, const char *shown, void *userdata) {
        assert_ptr_equal(userdata, &takes_ms);
        there.results[there.n_answered] = r;
        strcpy(there.shown[there.n_answered++], shown ? shown : "none");
}

static int probe_there(const struct gov_host *host, void **ret_state) {
        return 0;
}

static const struct gov_knob_row one_row = { .name = "cap" };
static const struct gov_driver remote = { .read = read_it, .write = write_it, .probe = probe_there, .rows = &one_row, .n_rows = 1 };
static const struct access_transport transport = { .driver = &remote, .send = send_there, .userdata = &there };

static int write_there(struct plugin *plugin, const char *value) {
        return access_write(plugin, 0, 0, value, take_answer, &takes_ms);
}

static void test_answers_come_later(void **state) {
        struct plugin plugin = { .name = "remote", .driver = &remote, .transport = &transport };

        memset(&there, 0, sizeof(there));
        assert_int_equal(access_deadline(&plugin), UINT64_MAX);
        assert_int_equal(write_there(&plugin, "1"), -EINPROGRESS);
        assert_int_equal(write_there(&plugin, "2"), -EINPROGRESS);
        assert_int_equal(there.n_sent, 2);
        assert_string_equal(there.values[1], "2");
        assert_int_equal(there.n_answered, 0);
        assert_true(access_deadline(&plugin) < UINT64_MAX);
        assert_int_equal(access_answer(&plugin, there.cookies[1], -EIO, "0"), 0);
        assert_int_equal(access_answer(&plugin, there.cookies[0], 0, "1"), 0);
        assert_int_equal(there.n_answered, 2);
        assert_int_equal(there.results[0], -EIO);
        assert_string_equal(there.shown[0], "0");
        assert_int_equal(there.results[1], 0);
        assert_string_equal(there.shown[1], "1");
        assert_int_equal(access_answer(&plugin, there.cookies[0], 0, "1"), -ENOENT);
        assert_int_equal(access_answer(&plugin, 12345, 0, "1"), -ENOENT);
        assert_int_equal(there.n_answered, 2);
        assert_int_equal(plugin.times.calls, 2);
        assert_int_equal(access_deadline(&plugin), UINT64_MAX);
}

static void test_send_fails(void **state) {
        struct plugin plugin = { .name = "remote", .driver = &remote, .transport = &transport };

        memset(&there, 0, sizeof(there));
        there.refuses = -EPIPE;
        assert_int_equal(write_there(&plugin, "1"), -EPIPE);
        assert_int_equal(write_there(&plugin, "a value that is far longer than what a value may be in this service of ours"),
                         -E2BIG);
        assert_int_equal(there.n_answered, 0);
        assert_null(plugin.calls);
}

/* A driver that does not answer until the deadline gets no more calls until it has been probed again. */
static void test_deadline(void **state) {
        struct plugin plugin = { .name = "remote", .driver = &remote, .transport = &transport };

        memset(&there, 0, sizeof(there));
        assert_int_equal(write_there(&plugin, "1"), -EINPROGRESS);
        assert_int_equal(write_there(&plugin, "2"), -EINPROGRESS);
        access_expire(&plugin, access_deadline(&plugin) - 1);
        assert_int_equal(there.n_answered, 0);
        access_expire(&plugin, access_deadline(&plugin));
        assert_int_equal(there.n_answered, 2);
        assert_int_equal(there.results[0], -ETIMEDOUT);
        assert_int_equal(there.results[1], -ETIMEDOUT);
        assert_string_equal(there.shown[0], "none");
        assert_int_equal(write_there(&plugin, "3"), -EHOSTDOWN);
        assert_int_equal(access_answer(&plugin, there.cookies[0], 0, "1"), -ENOENT); /* too late */
        assert_int_equal(access_probe(&plugin), 0);
        assert_int_equal(write_there(&plugin, "4"), -EINPROGRESS);
        assert_string_equal(there.values[2], "4");
        access_expire(&plugin, UINT64_MAX);
        assert_int_equal(there.n_answered, 3);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answers),    cmocka_unit_test(test_what_a_driver_may_leave_out),
                cmocka_unit_test(test_slow_calls), cmocka_unit_test(test_answers_come_later),
                cmocka_unit_test(test_send_fails), cmocka_unit_test(test_deadline),
        };

        log_open("test-access", 7, false);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
