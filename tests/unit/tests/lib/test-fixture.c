/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The .tree format: the files that it makes, and the messages for invalid trees. With arguments, each of the given machines must be
 * valid, and must have no dangling link.
 */
#include "../lib/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
        char base[64], tree[96], dir[96], reason[512];
};

static int set_up(void **state) {
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        /* in memory if possible, because there are 25000 small files */
        (void) strcpy(p->base, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fixture-XXXXXX" : "/tmp/fixture-XXXXXX");
        assert_non_null(mkdtemp(p->base));
        (void) snprintf(p->tree, sizeof(p->tree), "%s/x.tree", p->base);
        (void) snprintf(p->dir, sizeof(p->dir), "%s/root", p->base);
        *state = p;
        return 0;
}

static int tear_down(void **state) {
        struct place *p = *state;

        assert_int_equal(fixture_remove(p->base), 0);
        assert_int_not_equal(access(p->base, F_OK), 0);
        free(p);
        return 0;
}

static void write_file(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static int make_with(struct place *p, const char *text, const char *const *defines) {
        write_file(p->tree, text);
        return fixture_make(p->tree, p->dir, defines, p->reason, sizeof(p->reason));
}

static void make(struct place *p, const char *text) {
        int r = make_with(p, text, NULL);

        if (r < 0)
                fail_msg("%s", p->reason);
}

/* Asserts that the file has exactly these bytes, which may include NUL. */
static void expect_bytes(const struct place *p, const char *path, const char *want, size_t len) {
        char full[512], got[512];
        ssize_t n;
        int fd;

        (void) snprintf(full, sizeof(full), "%s/%s", p->dir, path);
        fd = open(full, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                fail_msg("%s: %s", full, strerror(errno));
        n = read(fd, got, sizeof(got));
        (void) close(fd);
        assert_int_equal(n, len);
        assert_memory_equal(got, want, len);
}

static void expect(const struct place *p, const char *path, const char *want) {
        expect_bytes(p, path, want, strlen(want));
}

static struct stat stat_of(const struct place *p, const char *path) {
        char full[512];
        struct stat st;

        (void) snprintf(full, sizeof(full), "%s/%s", p->dir, path);
        if (lstat(full, &st) < 0)
                st = (struct stat){ .st_mode = 0 };
        return st;
}

static void expect_link(const struct place *p, const char *path, const char *want) {
        char full[512], got[512] = "";

        (void) snprintf(full, sizeof(full), "%s/%s", p->dir, path);
        assert_true(readlink(full, got, sizeof(got) - 1) > 0);
        assert_string_equal(got, want);
}

static void refused(struct place *p, const char *text, int error, const char *words) {
        int r = make_with(p, text, NULL);

        if (r != -error || !strstr(p->reason, words))
                fail_msg("got %d '%s', wanted %d '%s'", r, p->reason, -error, words);
}

/* ---- valid trees ---- */

static void values(void **state) {
        struct place *p = *state;

        make(p, "# comment\n\n   # indented\n"
                "a/b/c = one two \\s\n"
                "empty =\n"
                "e = tab\\tnl\\nbs\\\\ob\\{cb\\}d\\$h\\#\n"
                "raw = x\\c\n"
                "nul = a\\0b\\c\n"
                "no-newline-at-end = z");
        expect(p, "a/b/c", "one two  \n");
        expect(p, "empty", "");
        expect(p, "e", "tab\tnl\nbs\\ob{cb}d$h#\n");
        expect(p, "raw", "x");
        expect_bytes(p, "nul", "a\0b", 3);
        expect(p, "no-newline-at-end", "z\n");
}

static void modes_ignore_the_umask(void **state) {
        struct place *p = *state;
        mode_t old = umask(077);

        make(p, "f (0444) = x\ng = y\nd/ (0555)\nh (0222) =\n");
        (void) umask(old);
        assert_int_equal(stat_of(p, "f").st_mode, S_IFREG | 0444);
        assert_int_equal(stat_of(p, "g").st_mode, S_IFREG | 0644);
        assert_int_equal(stat_of(p, "h").st_mode, S_IFREG | 0222);
        assert_int_equal(stat_of(p, "d").st_mode, S_IFDIR | 0555);
}

static void later_lines_win(void **state) {
        struct place *p = *state;

        make(p, "a (0400) = 1\na = 2\nb -> a\nb = 3\nc = x\nc -> a\nd/\nd = 5\ne = 1\ne += 2\nn += 1\n");
        expect(p, "a", "2\n");
        expect(p, "b", "3\n");
        expect_link(p, "c", "a");
        expect(p, "d", "5\n");
        expect(p, "e", "1\n2\n");
        expect(p, "n", "1\n");
}

static void a_second_tree_overlays(void **state) {
        struct place *p = *state;

        make(p, "a = 1\nb = 1\n");
        make(p, "b = 2\n");
        expect(p, "a", "1\n");
        expect(p, "b", "2\n");
}

static void ranges(void **state) {
        struct place *p = *state;

        make(p, "cpu{0..3}/n = {}\n"
                "step{0..7..3} = {}\n"
                "list{0,2,5..6} = {}\n"
                "pad_{00..01}/x = {}\n"
                "z{0..1}/z{}:{0..1} = {} {2}\n"
                "cpu{0..3}/link -> ../p{/2}\n");
        expect(p, "cpu3/n", "3\n");
        expect(p, "step6", "6\n");
        assert_int_equal(stat_of(p, "step7").st_mode, 0);
        expect(p, "list5", "5\n");
        expect(p, "list6", "6\n");
        assert_int_equal(stat_of(p, "list1").st_mode, 0);
        expect(p, "pad_01/x", "1\n");
        expect(p, "z1/z1:0", "1 0\n");
        expect_link(p, "cpu3/link", "../p1");
}

static void arithmetic_runs_left_to_right(void **state) {
        struct place *p = *state;

        make(p, "a{5..5} = {/2} {%2} {*1000} {+1} {-7} {/2%8} {*2+1} {+1*2}\nb{0..1}x{7..9} = {2*10+1}\n");
        expect(p, "a5", "2 1 5000 6 -2 2 11 12\n");
        expect(p, "b1x9", "91\n");
}

static void variables(void **state) {
        static const char *const defines[] = { "LAST=3", "WHAT=given", NULL };
        struct place *p = *state;

        assert_int_equal(make_with(p,
                                   "@define LAST 7\n@define WHAT default\n@define DIR sys/$WHAT\n"
                                   "$DIR/${WHAT}x{0..$LAST} = $WHAT-{}\n",
                                   defines),
                         0);
        expect(p, "sys/given/givenx3", "given-3\n");
        assert_int_equal(stat_of(p, "sys/given/givenx4").st_mode, 0);
}

static void an_include_gives_defaults(void **state) {
        struct place *p = *state;
        char other[128];

        (void) snprintf(other, sizeof(other), "%s/base.inc", p->base);
        write_file(other, "@define A base\n@define B base\na = $A\nb = $B\ngone/x = 1\n");
        make(p, "@define A mine\n@include base.inc\n@remove gone\nb = over\n");
        expect(p, "a", "mine\n");
        expect(p, "b", "over\n");
        assert_int_equal(stat_of(p, "gone").st_mode, 0);
}

static void faults_are_written_down(void **state) {
        struct place *p = *state;

        make(p, "cpu{0..1}/epp = x\ncpu{0..1}/epp ! write EBUSY\ne ! read EIO\no ! open EACCES\ne ! read OK\n");
        expect(p, ".faults", "cpu0/epp write EBUSY\ncpu1/epp write EBUSY\ne read EIO\no open EACCES\ne read OK\n");
}

/* ---- rejected trees ---- */

static void bad_paths(void **state) {
        struct place *p = *state;

        refused(p, "ok = 1\n../x = 1\n", EINVAL, "x.tree:2: bad path");
        refused(p, "/etc/x = 1\n", EINVAL, "x.tree:1: bad path");
        refused(p, "a/../../x = 1\n", EINVAL, "bad path");
        refused(p, "a//b = 1\n", EINVAL, "bad path");
        refused(p, "./b = 1\n", EINVAL, "bad path");
        refused(p, ".faults = 1\n", EINVAL, "bad path");
        refused(p, "@define D ..\n$D/x = 1\n", EINVAL, "x.tree:2: bad path");
        refused(p, "@remove ../root\n", EINVAL, "bad path");
        refused(p, "@remove missing\n", ENOENT, "missing");
}

static void links_are_never_followed(void **state) {
        struct place *p = *state;

        refused(p, "out -> /tmp\nout/escaped = 1\n", ENOTDIR, "x.tree:2: out/escaped: a parent is a link");
        refused(p, "f = 1\nf/x = 1\n", ENOTDIR, "a parent is a link or a file");
        refused(p, "l -> ../x.tree\nl += 1\n", ELOOP, "l");
}

static void a_full_directory_stays(void **state) {
        refused(*state, "d/x = 1\nd = 1\n", ENOTEMPTY, "x.tree:2: d: there is a directory");
}

static void bad_lines(void **state) {
        struct place *p = *state;

        refused(p, "a\n", EINVAL, "expected '='");
        refused(p, "a b\n", EINVAL, "expected '='");
        refused(p, "a/ b\n", EINVAL, "unexpected");
        refused(p, "a/ = b\n", EINVAL, "unexpected");
        refused(p, "a ->\n", EINVAL, "target");
        refused(p, "a = b \n", EINVAL, "space at the end");
        refused(p, "a = \\q\n", EINVAL, "unknown escape");
        refused(p, "a = \\cx\n", EINVAL, "unknown escape");
        refused(p, "a (9) = 1\n", EINVAL, "bad mode");
        refused(p, "a (77777) = 1\n", EINVAL, "bad mode");
        refused(p, "a (0444 = 1\n", EINVAL, "bad mode");
        refused(p, "a = 1\r\n", EINVAL, "carriage return");
        refused(p, "@what 1\n", EINVAL, "unknown directive");
}

static void bad_ranges(void **state) {
        struct place *p = *state;

        refused(p, "a{3..0} = 1\n", EINVAL, "backwards");
        refused(p, "a{0..3..0} = 1\n", EINVAL, "step 0");
        refused(p, "a{0.3} = 1\n", EINVAL, "bad range");
        refused(p, "a{0..3 = 1\n", EINVAL, "not closed");
        refused(p, "a{0,} = 1\n", EINVAL, "bad range");
        refused(p, "a{9999999999} = 1\n", EINVAL, "bad range");
        refused(p, "a{} = 1\n", EINVAL, "0 range(s)");
        refused(p, "a = {}\n", EINVAL, "0 range(s)");
        refused(p, "a{0..1} = {2}\n", EINVAL, "1 range(s)");
        refused(p, "a{0..1} = {x}\n", EINVAL, "bad expression");
        refused(p, "a{0..1} = {+}\n", EINVAL, "bad expression");
        refused(p, "a{0..1} = {+1\n", EINVAL, "bad expression");
        refused(p, "a{0..1} = {/0}\n", ERANGE, "division by zero");
        refused(p, "a{9..9} = {*999999999*999999999*999999999}\n", ERANGE, "overflow");
        refused(p, "a{0..1}{0..1}{0..1}{0..1}{0..1} = 1\n", E2BIG, "more than 4 ranges");
}

static void bad_variables(void **state) {
        static const char *const typo[] = { "LSAT=3", NULL }, *const shapeless[] = { "LAST", NULL };
        struct place *p = *state;

        refused(p, "a = $NO\n", EINVAL, "variable NO is not defined");
        refused(p, "@define A 1\na = ${A\n", EINVAL, "not closed");
        refused(p, "a = 5$\n", EINVAL, "without a variable name");
        refused(p, "@define A 1\n@define A 2\n", EEXIST, "x.tree:2: A is already defined");
        refused(p, "@define 1A 2\n", EINVAL, "bad variable name");
        assert_int_equal(make_with(p, "@define LAST 1\n", typo), -EINVAL);
        assert_non_null(strstr(p->reason, "no variable LSAT"));
        assert_int_equal(make_with(p, "@define LAST 1\n", shapeless), -EINVAL);
        assert_non_null(strstr(p->reason, "NAME=VALUE"));
}

static void bad_faults(void **state) {
        struct place *p = *state;

        refused(p, "a ! write\n", EINVAL, "a fault is");
        refused(p, "a ! write EBUSY now\n", EINVAL, "a fault is");
        refused(p, "a ! seek EIO\n", EINVAL, "unknown operation");
        refused(p, "a ! write EWHAT\n", EINVAL, "unknown error");
}

static void limits(void **state) {
        struct place *p = *state;
        char *line = malloc(6000);

        assert_non_null(line);
        memset(line, 'x', 5999);
        line[5999] = '\0';
        refused(p, line, E2BIG, "x.tree:1: line is longer than 4096");
        free(line);
        refused(p, "b = 1\na{0..199999} = 1\n", E2BIG, "x.tree:2: more than 200000");
        refused(p, "a{0..999999999}{0..999999999}{0..999999999} = 1\n", E2BIG, "more than 200000");
        refused(p, "@include x.tree\n", ELOOP, "nested deeper than 4");
        refused(p, "@include no.tree\n", ENOENT, "x.tree:1: cannot open");
        assert_int_equal(fixture_make("/nonexistent.tree", p->dir, NULL, NULL, 0), -ENOENT);
}

static void errors_name_the_inner_file(void **state) {
        struct place *p = *state;
        char other[128];

        (void) snprintf(other, sizeof(other), "%s/bad.inc", p->base);
        write_file(other, "ok = 1\nbad\n");
        refused(p, "a = 1\n@include bad.inc\n", EINVAL, "bad.inc:2: expected");
}

static void removing_spares_the_targets_of_links(void **state) {
        struct place *p = *state;
        char victim[128];

        (void) snprintf(victim, sizeof(victim), "%s/victim", p->base);
        assert_int_equal(mkdir(victim, 0755), 0);
        make(p, "d (0444) = 1\nro/ (0555)\nlink -> ../victim\n");
        assert_int_equal(fixture_remove(p->dir), 0);
        assert_int_equal(access(victim, F_OK), 0);
        assert_int_equal(fixture_remove(p->dir), -ENOENT);
}

/* ---- the machines ---- */

static unsigned dangling;

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) ftw;
        if (type == FTW_SL && access(path, F_OK) < 0) {
                print_error("%s leads nowhere\n", path);
                dangling++;
        }
        return 0;
}

static void check_machine(struct place *p, const char *tree) {
        if (fixture_make(tree, p->dir, NULL, p->reason, sizeof(p->reason)) < 0)
                fail_msg("%s", p->reason);
        dangling = 0;
        assert_int_equal(nftw(p->dir, look, 16, FTW_PHYS), 0);
        assert_int_equal(dangling, 0);
        assert_int_equal(stat_of(p, "sys/devices/system/cpu/online").st_mode, S_IFREG | 0644);
        assert_int_equal(fixture_remove(p->dir), 0);
}

static char **machines;

static void all_machines_are_sound(void **state) {
        for (char **m = machines; *m; m++)
                check_machine(*state, *m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                T(values),
                T(modes_ignore_the_umask),
                T(later_lines_win),
                T(a_second_tree_overlays),
                T(ranges),
                T(arithmetic_runs_left_to_right),
                T(variables),
                T(an_include_gives_defaults),
                T(faults_are_written_down),
                T(bad_paths),
                T(links_are_never_followed),
                T(a_full_directory_stays),
                T(bad_lines),
                T(bad_ranges),
                T(bad_variables),
                T(bad_faults),
                T(limits),
                T(errors_name_the_inner_file),
                T(removing_spares_the_targets_of_links),
                T(all_machines_are_sound),
        };

        machines = argv + (argc > 0 ? 1 : 0);
        return cmocka_run_group_tests_name("fixture", tests, NULL, NULL);
}
