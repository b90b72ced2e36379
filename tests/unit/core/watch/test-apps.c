/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/apps with real programs: copies of a shell in a temporary folder. Skipped if fanotify is not permitted. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/watch/apps.h"

struct fixture {
        sd_event *event;
        struct apps *apps;
        char root[64], app[96], other[96];
        const char *exe;
        bool called;
        uint32_t running, most;
};

static void heard(const char *exe, uint32_t running, void *userdata) {
        struct fixture *f = userdata;

        f->exe = exe;
        f->running = running;
        f->most = running > f->most ? running : f->most;
        f->called = true;
}

static void __attribute__((format(printf, 1, 2))) shell(const char *format, ...) {
        char command[400];
        va_list args;

        va_start(args, format);
        (void) vsnprintf(command, sizeof(command), format, args);
        va_end(args);
        assert_int_equal(system(command), 0);
}

static int set_up(void **state) {
        struct fixture *f = calloc(1, sizeof(*f));
        const char *why = "";
        int r;

        assert_non_null(f);
        assert_return_code(sd_event_new(&f->event), 0);
        r = apps_new(f->event, heard, f, &f->apps, &why);
        if (r == -EOPNOTSUPP)
                skip_program(why);
        assert_return_code(r, 0);
        (void) snprintf(f->root, sizeof(f->root), "/tmp/test-apps-XXXXXX");
        assert_non_null(mkdtemp(f->root));
        (void) snprintf(f->app, sizeof(f->app), "%s/app", f->root);
        (void) snprintf(f->other, sizeof(f->other), "%s/other", f->root);
        shell("cp /bin/sh %s", f->app);
        *state = f;
        return 0;
}

static int tear_down(void **state) {
        struct fixture *f = *state;

        f->apps = apps_free(f->apps);
        sd_event_unref(f->event);
        shell("rm -r %s", f->root);
        free(f);
        return 0;
}

/* Runs `path -c command`. A command that reads its input ends when *ret_end is closed. */
static pid_t run(const char *path, const char *command, int *ret_end) {
        int ends[2];
        pid_t pid;

        assert_return_code(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                (void) dup2(ends[0], STDIN_FILENO);
                (void) execl(path, path, "-c", command, (char *) NULL);
                _exit(1);
        }
        assert_true(pid > 0);
        (void) close(ends[0]);
        *ret_end = ends[1];
        return pid;
}

static void end(pid_t pid, int fd) {
        (void) close(fd);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool until(struct fixture *f, uint32_t running) {
        do {
                f->called = false;
                if (f->running == running)
                        return true;
        } while (loop_until(f->event, &f->called));
        return f->running == running;
}

static void test_start_and_end(void **state) {
        struct fixture *f = *state;
        int a_end, b_end;
        pid_t a, b;

        assert_return_code(apps_add(f->apps, f->app), 0);
        assert_return_code(apps_add(f->apps, f->app), 0);
        assert_false(f->called);
        a = run(f->app, "read x", &a_end);
        assert_true(until(f, 1));
        assert_ptr_equal(f->exe, f->app);
        b = run(f->app, "read x", &b_end);
        assert_true(until(f, 2));
        end(a, a_end);
        assert_true(until(f, 1));
        end(b, b_end);
        assert_true(until(f, 0));
}

static void test_already_running(void **state) {
        struct fixture *f = *state;
        char command[64];
        int fd, ready[2];
        pid_t pid;

        assert_return_code(pipe2(ready, 0), 0);
        (void) snprintf(command, sizeof(command), "echo x >/proc/self/fd/%d; read x", ready[1]);
        pid = run(f->app, command, &fd);
        assert_int_equal(read(ready[0], command, 1), 1); /* the command runs */
        assert_return_code(apps_add(f->apps, f->app), 0);
        assert_int_equal(f->running, 1);
        end(pid, fd);
        assert_true(until(f, 0));
        (void) close(ready[0]);
        (void) close(ready[1]);
}

/* The first process ends, but its child, which has not called execve(), counts. */
static void test_background(void **state) {
        struct fixture *f = *state;
        int fd;
        pid_t pid;

        assert_return_code(apps_add(f->apps, f->app), 0);
        pid = run(f->app, "exec 3<&0; (read x <&3) & exit 0", &fd);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_true(until(f, 1));
        loop_drain(f->event);
        assert_int_equal(f->running, 1);
        (void) close(fd);
        assert_true(until(f, 0));
}

/* execve() opens the file and fails, so the process counts only for a short time. */
static void test_no_program(void **state) {
        struct fixture *f = *state;
        pid_t pid;

        shell("printf 'no program' > %s && chmod +x %s", f->other, f->other);
        assert_return_code(apps_add(f->apps, f->other), 0);
        pid = fork();
        if (pid == 0) {
                (void) execl(f->other, f->other, (char *) NULL);
                (void) pause(); /* the process continues with its former program */
        }
        assert_true(until(f, 1));
        assert_true(until(f, 0));
        assert_return_code(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source, (void) usec;
        *(bool *) userdata = true;
        return 0;
}

/* Waits until the check that removes processes whose execve() failed is done. The timers of an event loop run in the order of their
 * times. */
static void after_verification(struct fixture *f) {
        bool over = false;

        assert_return_code(sd_event_add_time_relative(f->event, NULL, CLOCK_MONOTONIC, 500000, 1, on_time, &over), 0);
        assert_true(loop_until(f->event, &over));
}

static void test_upgrade(void **state) {
        struct fixture *f = *state;
        int old_end, new_end;
        pid_t old, new;

        assert_return_code(apps_add(f->apps, f->app), 0);
        old = run(f->app, "read x", &old_end);
        assert_true(until(f, 1));
        shell("cp %s %s.new", f->app, f->app);
        shell("mv %s.new %s", f->app, f->app);
        loop_drain(f->event);
        new = run(f->app, "read x", &new_end);
        assert_true(until(f, 2));
        after_verification(f);
        assert_int_equal(f->running, 2); /* the old process still runs the old file */
        end(old, old_end);
        assert_true(until(f, 1));
        end(new, new_end);
        assert_true(until(f, 0));
}

static void test_installed_later(void **state) {
        struct fixture *f = *state;
        int fd;
        pid_t pid;

        assert_return_code(apps_add(f->apps, f->other), 0);
        shell("cp %s %s", f->app, f->other);
        loop_drain(f->event);
        pid = run(f->other, "read x", &fd);
        assert_true(until(f, 1));
        end(pid, fd);
        assert_true(until(f, 0));
}

static void test_script(void **state) {
        struct fixture *f = *state;
        int fd;
        pid_t pid;

        shell("printf '#!%s\\nread x\\n' > %s", f->app, f->other);
        shell("chmod +x %s", f->other);
        assert_return_code(apps_add(f->apps, f->other), 0);
        pid = run(f->other, "", &fd);
        assert_true(until(f, 1));
        end(pid, fd);
        assert_true(until(f, 0));
}

/* A script file may be empty at first and written later. */
static void test_script_written_later(void **state) {
        struct fixture *f = *state;
        int fd;
        pid_t pid;

        assert_return_code(apps_add(f->apps, f->other), 0);
        shell("touch %s", f->other);
        loop_drain(f->event);
        shell("printf '#!%s\\nread x\\n' > %s", f->app, f->other);
        shell("chmod +x %s", f->other);
        pid = run(f->other, "", &fd);
        assert_true(until(f, 1));
        after_verification(f);
        assert_int_equal(f->running, 1);
        end(pid, fd);
        assert_true(until(f, 0));
}

/* A launcher that executes another program counts until its end, even if the same file is executed again meanwhile. */
static void test_executes_another_program(void **state) {
        struct fixture *f = *state;
        int launcher_end, other_end, ready[2];
        char command[96];
        pid_t launcher, other;

        assert_return_code(pipe2(ready, 0), 0);
        (void) snprintf(command, sizeof(command), "read x; exec sh -c 'echo x >/proc/self/fd/%d; read x'", ready[1]);
        assert_return_code(apps_add(f->apps, f->app), 0);
        launcher = run(f->app, command, &launcher_end);
        assert_true(until(f, 1));
        after_verification(f);
        assert_int_equal(write(launcher_end, "\n", 1), 1);
        assert_int_equal(read(ready[0], command, 1), 1); /* sh runs */
        other = run(f->app, "read x", &other_end);
        assert_true(until(f, 2));
        after_verification(f);
        assert_int_equal(f->running, 2);
        end(other, other_end);
        end(launcher, launcher_end);
        assert_true(until(f, 0));
        (void) close(ready[0]);
        (void) close(ready[1]);
}

static void test_link(void **state) {
        struct fixture *f = *state;
        int fd;
        pid_t pid;

        shell("ln -s %s %s", f->app, f->other);
        assert_return_code(apps_add(f->apps, f->other), 0);
        pid = run(f->app, "read x", &fd);
        assert_true(until(f, 1));
        end(pid, fd);
        assert_true(until(f, 0));
}

static void test_refused(void **state) {
        struct fixture *f = *state;

        assert_int_equal(apps_add(f->apps, "app"), -EINVAL);
        assert_int_equal(apps_add(f->apps, "/no/such/folder/app"), -ENOENT);
        assert_int_equal(apps_add(f->apps, "/tmp"), -EINVAL);
        assert_null(apps_free(NULL));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_start_and_end),
                TEST(test_already_running),
                TEST(test_background),
                TEST(test_no_program),
                TEST(test_upgrade),
                TEST(test_installed_later),
                TEST(test_script),
                TEST(test_script_written_later),
                TEST(test_executes_another_program),
                TEST(test_link),
                TEST(test_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
