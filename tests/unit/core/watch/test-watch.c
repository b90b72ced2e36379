/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/watch: the program that wrote, own writes, replaced files, lost events, many files. All tests use inotify, and also
 * fanotify if it is permitted. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/watch/program.h"
#include "core/watch/watch-kernel.h"
#include "core/watch/watch-table.h"
#include "core/watch/watch.h"

struct fixture {
        sd_event *event;
        struct watch *watch;
        char root[64];
        int root_fd;
        bool inotify, called;
        uint64_t cookies[1024];
        size_t n;
        pid_t who;
        char comm[PROGRAM_NAME_MAX];
};

static void heard(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata) {
        struct fixture *f = userdata;

        assert_ptr_equal(watch, f->watch);
        if (f->n < 1024)
                f->cookies[f->n] = cookie;
        f->n++;
        f->who = who;
        (void) snprintf(f->comm, sizeof(f->comm), "%s", comm);
        f->called = true;
}

static const char *in(const struct fixture *f, const char *name) {
        static char path[128];

        (void) snprintf(path, sizeof(path), "%s/%s", f->root, name);
        return path;
}

static void put(const struct fixture *f, const char *name, const char *text) {
        int fd = openat(f->root_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        (void) close(fd);
}

static struct fixture *make(bool inotify) {
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void) snprintf(f->root, sizeof(f->root), "/tmp/test-watch-XXXXXX");
        assert_non_null(mkdtemp(f->root));
        f->root_fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(f->root_fd >= 0);
        f->inotify = inotify;
        assert_return_code(sd_event_new(&f->event), 0);
        assert_return_code(watch_new(f->event, f->root_fd, f->root, heard, f, &f->watch), 0);
        if (inotify)
                watch_use_inotify(f->watch);
        put(f, "a", "1");
        put(f, "b", "1");
        return f;
}

static int set_up(void **state) {
        *state = make(false);
        return 0;
}

static int set_up_inotify(void **state) {
        *state = make(true);
        return 0;
}

static int tear_down(void **state) {
        struct fixture *f = *state;
        char command[96];

        f->watch = watch_free(f->watch);
        sd_event_unref(f->event);
        (void) close(f->root_fd);
        (void) snprintf(command, sizeof(command), "rm -r %s", f->root);
        assert_int_equal(system(command), 0);
        free(f);
        return 0;
}

static void test_foreign_write(void **state) {
        struct fixture *f = *state;
        pid_t child;

        assert_return_code(watch_add(f->watch, "a", 7), 0);
        assert_return_code(watch_add(f->watch, "b", 8), 0);
        child = write_by_child(in(f, "a"), "2");
        assert_true(child > 0);
        assert_true(loop_until(f->event, &f->called));
        assert_int_equal(f->n, 1);
        assert_int_equal(f->cookies[0], 7);
        assert_int_equal(f->who, watch_knows_writers(f->watch) ? child : 0);
        loop_drain(f->event);
        assert_int_equal(f->n, 1);
}

/* The writer, a shell, still runs when its event is read, so its name is known. */
static void test_name(void **state) {
        struct fixture *f = *state;
        char command[160];
        FILE *shell;

        assert_return_code(watch_add(f->watch, "a", 7), 0);
        if (!watch_knows_writers(f->watch))
                return;
        (void) snprintf(command, sizeof(command), "echo 2 >%s; read x", in(f, "a"));
        shell = popen(command, "we");
        assert_non_null(shell);
        assert_true(loop_until(f->event, &f->called));
        assert_string_equal(f->comm, "sh");
        assert_true(f->who > 1);
        assert_int_equal(pclose(shell), 256); /* its read command ended at the end of the input */
}

static void test_many_changes_are_one(void **state) {
        struct fixture *f = *state;

        assert_return_code(watch_add(f->watch, "a", 7), 0);
        for (int i = 0; i < 20; i++)
                assert_true(write_by_child(in(f, "a"), "2") > 0);
        assert_true(loop_until(f->event, &f->called));
        loop_drain(f->event);
        assert_int_equal(f->n, 1);
}

static void test_two_cookies(void **state) {
        struct fixture *f = *state;

        assert_return_code(watch_add(f->watch, "a", 1), 0);
        assert_return_code(watch_add(f->watch, "a", 2), 0);
        assert_return_code(watch_add(f->watch, "a", 2), 0);
        assert_int_equal(watch_count(f->watch), 2);
        assert_true(write_by_child(in(f, "a"), "2") > 0);
        assert_true(loop_until(f->event, &f->called));
        loop_drain(f->event);
        assert_int_equal(f->n, 2);
}

static void test_replaced(void **state) {
        struct fixture *f = *state;

        assert_return_code(watch_add(f->watch, "a", 1), 0);
        assert_return_code(renameat(f->root_fd, "b", f->root_fd, "a"), 0);
        assert_return_code(watch_add(f->watch, "a", 1), 0);
        assert_int_equal(watch_count(f->watch), 1);
        assert_true(write_by_child(in(f, "a"), "2") > 0);
        assert_true(loop_until(f->event, &f->called));
        assert_int_equal(unlinkat(f->root_fd, "a", 0), 0);
        loop_drain(f->event);
        assert_int_equal(watch_add(f->watch, "a", 1), -ENOENT);
}

static void test_refusals(void **state) {
        struct fixture *f = *state;

        assert_int_equal(watch_add(f->watch, "none", 1), -ENOENT);
        assert_int_equal(watch_add(f->watch, "../a", 1), -ENOENT);
        assert_int_equal(watch_add(f->watch, "/etc/passwd", 1), -ENOENT);
        assert_int_equal(watch_add(f->watch, "a", WATCH_EVERYTHING), -EINVAL);
        assert_null(watch_free(NULL));
}

static void test_clear(void **state) {
        struct fixture *f = *state;

        assert_return_code(watch_add(f->watch, "a", 1), 0);
        assert_true(write_by_child(in(f, "a"), "2") > 0);
        watch_clear(f->watch);
        loop_drain(f->event);
        assert_int_equal(f->n, 0);
        assert_return_code(watch_add(f->watch, "a", 2), 0);
        assert_true(write_by_child(in(f, "a"), "3") > 0);
        assert_true(loop_until(f->event, &f->called));
        assert_int_equal(f->cookies[0], 2);
}

/* More events than the queue of inotify holds (16384 by default). The queue of fanotify has no limit and merges events. */
static void test_overflow(void **state) {
        struct fixture *f = *state;
        bool everything = false;
        int status;

        assert_return_code(watch_add(f->watch, "a", 1), 0);
        assert_return_code(watch_add(f->watch, "b", 2), 0);
        if (fork() == 0) {
                int fds[2] = { openat(f->root_fd, "a", O_WRONLY | O_CLOEXEC), openat(f->root_fd, "b", O_WRONLY | O_CLOEXEC) };

                for (int i = 0; i < 20000; i++)
                        if (write(fds[i % 2], "2", 1) != 1)
                                _exit(1);
                _exit(0);
        }
        assert_true(wait(&status) > 0 && status == 0);
        assert_true(loop_until(f->event, &f->called));
        loop_drain(f->event);
        for (size_t i = 0; i < MIN(f->n, 1024); i++)
                everything |= f->cookies[i] == WATCH_EVERYTHING;
        if (watch_knows_writers(f->watch))
                assert_int_equal(f->n, 2);
        else if (!everything)
                printf("inotify: the queue takes more than 20000 events here, overflow not tried\n");
}

/* 4096 CPUs with three files each: every file is written, and every write is reported. */
static void test_many(void **state) {
        struct fixture *f = *state;
        uint64_t start;
        char name[16];
        bool enough = false;

        for (unsigned i = 0; i < 12288; i++) {
                (void) snprintf(name, sizeof(name), "f%u", i);
                put(f, name, "1");
        }
        start = loop_now();
        for (unsigned i = 0; i < 12288; i++) {
                (void) snprintf(name, sizeof(name), "f%u", i);
                assert_return_code(watch_add(f->watch, name, i), 0);
        }
        printf("adding 12288 files: %llu us\n", (unsigned long long) (loop_now() - start));
        assert_int_equal(watch_count(f->watch), 12288);
        if (fork() == 0) {
                for (unsigned i = 0; i < 12288; i++) {
                        (void) snprintf(name, sizeof(name), "f%u", i);
                        put(f, name, "2");
                }
                _exit(0);
        }
        (void) wait(NULL);
        start = loop_now();
        while (!enough && sd_event_run(f->event, LOOP_DEADLINE_USEC) > 0)
                enough = f->n == 12288;
        printf("12288 foreign changes: %llu us\n", (unsigned long long) (loop_now() - start));
        assert_true(enough);
        start = loop_now();
        watch_clear(f->watch);
        printf("clearing: %llu us\n", (unsigned long long) (loop_now() - start));
}

/* Writes a real kernel attribute with its present value. */
static void test_sysfs(void **state) {
        static const char path[] = "/sys/devices/system/cpu/cpu0/power/pm_qos_resume_latency_us";
        struct fixture *f = *state;
        int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        pid_t child;

        watch_free(f->watch);
        assert_return_code(watch_new(f->event, root_fd, "/", heard, f, &f->watch), 0);
        if (f->inotify)
                watch_use_inotify(f->watch);
        if (watch_add(f->watch, path + 1, 5) >= 0 && (child = write_by_child(path, "0")) > 0) {
                assert_true(loop_until(f->event, &f->called));
                assert_int_equal(f->cookies[0], 5);
                printf("sysfs: the writer is %s\n", f->who == child ? "known" : "not known");
        } else
                printf("sysfs: not tried, no such attribute or read only\n");
        watch_clear(f->watch);
        (void) close(root_fd);
}

static void test_table(void **state) {
        struct watch_table t;
        uint64_t old;

        (void) state;
        watch_table_init(&t);
        assert_null(watch_table_key(&t, 1));
        assert_false(watch_table_replace(&t, 1, 2, 3, &old));
        for (uint64_t i = 0; i < 1000; i++)
                assert_int_equal(watch_table_add(&t, i / 2, i, 0), 1);
        for (uint64_t i = 0; i < 500; i += 2)
                watch_table_drop_key(&t, i);
        assert_int_equal(t.n, 500);
        assert_false(watch_table_has(&t, 0, 0));
        assert_true(watch_table_has(&t, 1, 3));
        for (uint64_t i = 0; i < 500; i++)
                assert_int_equal(watch_table_add(&t, 5000 + i, i, 9), 1);
        assert_int_equal(t.room, 1024); /* freed slots are used again */
        assert_true(watch_table_replace(&t, 1, 0, 9, &old));
        assert_int_equal(old, 5000);
        watch_table_done(&t);
}

static void test_malformed(void **state) {
        _Alignas(8) unsigned char buffer[64];
        struct watch_event event;
        size_t offset;

        (void) state;
        for (unsigned fill = 0; fill < 256; fill++)
                for (size_t size = 0; size <= sizeof(buffer); size++) {
                        memset(buffer, (int) fill, sizeof(buffer));
                        offset = 0;
                        while (watch_inotify_next(buffer, size, &offset, &event))
                                assert_in_range(offset, 1, size);
                        offset = 0;
                        while (watch_fanotify_next(buffer, size, &offset, &event))
                                assert_in_range(offset, 1, size);
                }
}

static void test_program(void **state) {
        char name[PROGRAM_NAME_MAX];

        (void) state;
        assert_return_code(program_name(getpid(), name), 0);
        assert_int_equal(strncmp(name, "test-watch", 10), 0);
        assert_int_equal(program_name(0, name), -ESRCH);
        assert_string_equal(name, "");
        assert_false(program_is_kernel(getpid()));
}

#define BOTH(function)                                                \
        cmocka_unit_test_setup_teardown(function, set_up, tear_down), \
                cmocka_unit_test_setup_teardown(function, set_up_inotify, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                BOTH(test_foreign_write),
                BOTH(test_name),
                BOTH(test_many_changes_are_one),
                BOTH(test_two_cookies),
                BOTH(test_replaced),
                BOTH(test_refusals),
                BOTH(test_clear),
                BOTH(test_overflow),
                BOTH(test_many),
                BOTH(test_sysfs),
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_malformed),
                cmocka_unit_test(test_program),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
