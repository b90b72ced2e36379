/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault injector. Each test runs this program again as a victim with certain environment variables, and checks its exit
 * status and its files. If the argument is the path of libfault.so, it is loaded with LD_PRELOAD; otherwise fault.c must be linked
 * into the program. Both variants are built.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/fixture.h"

static const char *preload;

struct place {
        char base[64], file[96], other[96], rules[96], count[96];
};

/* ---- the victim ---- */

static int must(int ok) {
        return ok ? 0 : (errno ? errno : 255);
}

/* Makes five writes, alternately with write() and pwrite(). The exit code is 0 or the first errno. */
static int victim_write(const char *path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0)
                return errno;
        for (int i = 0; i < 5; i++) {
                ssize_t n = i % 2 ? pwrite(fd, "x", 1, i) : (lseek(fd, i, SEEK_SET), write(fd, "x", 1));

                if (n != 1)
                        return errno;
        }
        return must(close(fd) == 0);
}

static int victim_read(const char *path) {
        char c;
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return errno;
        errno = 0;
        if (read(fd, &c, 1) < 0)
                return errno;
        return must(pread(fd, &c, 1, 0) >= 0);
}

static int put(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        return f && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : errno;
}

/* A rule is added and removed while a descriptor is open. */
static int victim_live(const char *path, const char *rules) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0 || write(fd, "x", 1) != 1)
                return 101;
        if (put(rules, "file write EBUSY\n") || write(fd, "x", 1) != -1 || errno != EBUSY)
                return 102;
        if (put(rules, "file write EBUSY\nfile write OK\n") || write(fd, "x", 1) != 1)
                return 103;
        if (put(rules, "file write ENOSPC\n") || write(fd, "x", 1) != -1 || errno != ENOSPC)
                return 104;
        return unlink(rules) == 0 && write(fd, "x", 1) == 1 ? 0 : 105;
}

/* The number of a descriptor is used again for another file, which the injector does not notice. */
static int victim_reuse(const char *path, const char *other) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), fd2, pipes[2];

        if (fd < 0 || write(fd, "x", 1) != 1)
                return 101;
        fd2 = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd2 < 0 || dup2(fd2, fd) != fd || write(fd, "x", 1) != 1)
                return 102;
        if (pipe(pipes) < 0 || dup2(pipes[1], fd) != fd || write(fd, "x", 1) != 1)
                return 103;
        return 0;
}

static int victim(char **argv) {
        if (strcmp(argv[0], "write") == 0)
                return victim_write(argv[1]);
        if (strcmp(argv[0], "read") == 0)
                return victim_read(argv[1]);
        if (strcmp(argv[0], "live") == 0)
                return victim_live(argv[1], argv[2]);
        return victim_reuse(argv[1], argv[2]);
}

/* ---- the tests ---- */

static int set_up(void **state) {
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        (void) strcpy(p->base, "/tmp/fault-XXXXXX");
        assert_non_null(mkdtemp(p->base));
        (void) snprintf(p->file, sizeof(p->file), "%s/file", p->base);
        (void) snprintf(p->other, sizeof(p->other), "%s/other", p->base);
        (void) snprintf(p->rules, sizeof(p->rules), "%s/.faults", p->base);
        (void) snprintf(p->count, sizeof(p->count), "%s.count", p->base);
        *state = p;
        return 0;
}

static int tear_down(void **state) {
        struct place *p = *state;

        (void) unlink(p->count);
        assert_int_equal(fixture_remove(p->base), 0);
        free(p);
        return 0;
}

static void child_environment(const char *const *env) {
        for (; *env; env += 2)
                if (setenv(env[0], env[1], 1) < 0)
                        _exit(126);
        if (!preload)
                return;
        (void) setenv("LD_PRELOAD", preload, 1);
        (void) setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
}

/* Runs a victim with an environment of name, value pairs; returns its wait status. */
static int run(const char *what, const char *path, const char *extra, const char *const *env) {
        char *const argv[] = { (char *) "test-fault", (char *) "--victim", (char *) what, (char *) path, (char *) extra, NULL };
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                child_environment(env);
                (void) execv("/proc/self/exe", argv);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static void expect_exit(int status, int code) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
                fail_msg("ended with status 0x%x, wanted exit code %d", (unsigned) status, code);
}

static long size_of(const char *path) {
        struct stat st;

        return stat(path, &st) < 0 ? -1 : (long) st.st_size;
}

static long counted(const struct place *p) {
        char text[32] = "";
        FILE *f = fopen(p->count, "re");

        assert_non_null(f);
        assert_non_null(fgets(text, sizeof(text), f));
        (void) fclose(f);
        return strtol(text, NULL, 10);
}

static void killed_at_each_write(void **state) {
        struct place *p = *state;

        for (int n = 1; n <= 5; n++) {
                const char at[] = { (char) ('0' + n), '\0' };
                const char *const before[] = { "FAULT_ROOT", p->base, "FAULT_KILL_AT", at, "FAULT_COUNT_FILE", p->count, NULL };
                const char *const after[] = { "FAULT_ROOT", p->base, "FAULT_KILL_AFTER", at, NULL };

                (void) unlink(p->file);
                assert_int_equal(WTERMSIG(run("write", p->file, NULL, before)), SIGKILL);
                assert_int_equal(size_of(p->file), n - 1);
                assert_int_equal(counted(p), n);
                (void) unlink(p->file);
                assert_int_equal(WTERMSIG(run("write", p->file, NULL, after)), SIGKILL);
                assert_int_equal(size_of(p->file), n);
        }
}

static void a_sixth_write_does_not_come(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_ROOT", p->base, "FAULT_KILL_AT", "6", "FAULT_COUNT_FILE", p->count, NULL };

        expect_exit(run("write", p->file, NULL, env), 0);
        assert_int_equal(counted(p), 5);
}

static void only_matching_writes_count(void **state) {
        struct place *p = *state;
        const char *const elsewhere[] = { "FAULT_ROOT", "/nonexistent:/usr", "FAULT_KILL_AT", "1", "FAULT_COUNT_FILE", p->count,
                                          NULL };
        const char *const second[] = { "FAULT_ROOT", "/nonexistent", "FAULT_KILL_MATCH", "*/fi?e", "FAULT_COUNT_FILE", p->count,
                                       NULL };

        expect_exit(run("write", p->file, NULL, elsewhere), 0);
        assert_int_equal(counted(p), 0);
        expect_exit(run("write", p->file, NULL, second), 0);
        assert_int_equal(counted(p), 5);
}

static void rules_make_calls_fail(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_FILE", p->rules, NULL };

        assert_int_equal(put(p->file, "x"), 0);
        assert_int_equal(put(p->rules, "# comment\nnonsense\nfile write ENOSPC\n"), 0);
        expect_exit(run("write", p->file, NULL, env), ENOSPC);
        expect_exit(run("read", p->file, NULL, env), 0);
        assert_int_equal(put(p->rules, "fault-*/file read EIO\n"), 0);
        expect_exit(run("read", p->file, NULL, env), EIO);
        assert_int_equal(put(p->rules, "/tmp/fault-*/f* open EACCES\n"), 0);
        expect_exit(run("write", p->file, NULL, env), EACCES);
        assert_int_equal(put(p->rules, "ile write EIO\nfile/x write EIO\n/file write EIO\n"), 0);
        expect_exit(run("write", p->file, NULL, env), 0);
}

/* An open() that fails must not truncate or create the file. */
static void a_refused_open_changes_nothing(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_FILE", p->rules, NULL };

        assert_int_equal(put(p->rules, "file open EACCES\n"), 0);
        expect_exit(run("write", p->file, NULL, env), EACCES);
        assert_int_equal(size_of(p->file), -1);
}

static void rules_can_change_while_it_runs(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_FILE", p->rules, NULL };

        expect_exit(run("live", p->file, p->rules, env), 0);
}

static void a_reused_number_is_noticed(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_KILL_MATCH", "*/file", "FAULT_COUNT_FILE", p->count, NULL };

        expect_exit(run("reuse", p->file, p->other, env), 0);
        assert_int_equal(counted(p), 1);
}

/* The injector reads the faults that a .tree file records. */
static void a_tree_and_the_injector_agree(void **state) {
        struct place *p = *state;
        const char *const env[] = { "FAULT_FILE", p->rules, NULL };
        char tree[128];

        (void) snprintf(tree, sizeof(tree), "%s/x.tree", p->base);
        assert_int_equal(put(tree, "file = 1\nfile ! write EBUSY\n"), 0);
        assert_int_equal(fixture_make(tree, p->base, NULL, NULL, 0), 0);
        expect_exit(run("write", p->file, NULL, env), EBUSY);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                T(killed_at_each_write),       T(a_sixth_write_does_not_come),    T(only_matching_writes_count),
                T(rules_make_calls_fail),      T(a_refused_open_changes_nothing), T(rules_can_change_while_it_runs),
                T(a_reused_number_is_noticed), T(a_tree_and_the_injector_agree),
        };

        if (argc > 3 && strcmp(argv[1], "--victim") == 0)
                return victim(argv + 2);
        preload = argc > 1 ? argv[1] : NULL;
        return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
