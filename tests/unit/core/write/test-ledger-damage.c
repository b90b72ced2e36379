/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/write/ledger: files that are damaged, or of another version or boot, and lack of memory. Valid lines are used; damage is
 * reported, and the damaged file is kept. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/write/ledger-case.h"

static void leave(const char *text) {
        scratch_write(scratch_path(directory, "ledger"), text, strlen(text));
}

static void test_other_boot_is_dropped(void **state) {
        struct ledger *ledger = open_boot("another-boot", false);

        (void) commit_one(ledger, 0, 1, "a", "b");
        ledger_free(ledger);
        ledger = open_boot(BOOT, false);
        assert_int_equal(ledger_count(ledger), 0);
        ledger_free(ledger);
        assert_int_equal(access(scratch_path(directory, "ledger.bad"), F_OK), -1);
}

#define HEADER "governord-ledger 1 " BOOT "\n"

static void check_kept(const char *name, const char *expected) {
        _cleanup_free_ char *kept = scratch_read(scratch_path(directory, name), NULL);

        assert_non_null(kept);
        assert_string_equal(kept, expected);
}

static void test_garbage_is_kept_aside(void **state) {
        static const char *const garbage[] = {
                "what\n",
                "governord-ledger 0 x\n",
                "governord-ledger x y\n",
                "governord-ledger 1\n",
                HEADER "z\t1\n",
                HEADER "o\t1\tintel\tepp\t2\t3\tpath\tlabel\n",       /* a field is missing */
                HEADER "o\t1\tintel\tepp\t2\t3\tpath\tlabel\ta\tb\n", /* one too many */
                HEADER "o\t0\tintel\tepp\t2\t3\tpath\tlabel\ta\n",    /* 0 is not a valid id */
                HEADER "o\t-1\tintel\tepp\t2\t3\tpath\tlabel\ta\n",
                HEADER "o\t99999999999\tintel\tepp\t2\t3\tpath\tlabel\ta\n",
                HEADER "o\t4294967295\tintel\tepp\t2\t3\tpath\tlabel\ta\n",
                HEADER "o\t1\tintel\tepp\tx\t3\tpath\tlabel\ta\n",
                HEADER "w\t1\ta\n", /* a value without an entry */
                HEADER "d\t1\n",
                HEADER "\n",
                HEADER "wx\t1\ta\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
                struct ledger *ledger;

                leave(garbage[i]);
                ledger = open_boot(BOOT, true);
                assert_int_equal(ledger_count(ledger), 0);
                assert_int_equal(ledger_trouble(ledger)->n_bad, 1);
                (void) commit_one(ledger, 0, 1, "a", "b"); /* the ledger is usable */
                ledger_free(ledger);
                check_kept("ledger.bad", garbage[i]);
        }
}

#define THREE \
        "o\t1\tintel\tepp\t2\t1\tp\t\ta\nw\t1\tA\no\t2\tintel\tepp\t2\t2\tp\t\tb\nw\t2\tB\no\t3\tintel\tepp\t2\t3\tp\t\tc\nw\t3\tC\n"

static uint32_t lines_before(const char *text, const char *end) {
        uint32_t n = 1;

        for (const char *p = text; p < end; p++)
                n += *p == '\n';
        return n;
}

/* A damaged line at any place, also in place of the first line, is reported with its number, and all other lines are used. */
static void test_one_bad_line_costs_nothing_else(void **state) {
        static const char *const nonsense[] = {
                "x garbage\n", "o\t1\n", "w\t77\tz\n", "d\t77\n", "\xff\xfe\n", "\n", "o\t1\ta\tb\t2\t9\tp\t\tz\n"
        };
        static const char text[] = HEADER THREE;

        for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++)
                for (const char *p = strchr(text, '\n') + 1;; p = strchr(p, '\n') + 1) {
                        char damaged[1024];
                        struct ledger *ledger;

                        if (i == ARRAY_SIZE(nonsense) - 1 && p == strchr(text, '\n') + 1)
                                continue; /* it would be the first line with its id, and the next one a duplicate */
                        (void) snprintf(damaged, sizeof(damaged), "%.*s%s%s", (int) (p - text), text, nonsense[i], p);
                        leave(damaged);
                        ledger = open_boot(BOOT, true);
                        assert_int_equal(ledger_trouble(ledger)->n_bad, 1);
                        assert_int_equal(ledger_trouble(ledger)->bad[0], lines_before(text, p));
                        assert_int_equal(ledger_count(ledger), 3);
                        check(ledger, 0, 1, "a", "A");
                        check(ledger, 1, 2, "b", "B");
                        check(ledger, 2, 3, "c", "C");
                        ledger_free(ledger);
                        check_kept("ledger.bad", damaged);
                        ledger = open_boot(BOOT, false); /* the file was rewritten without the damage */
                        assert_int_equal(ledger_count(ledger), 3);
                        ledger_free(ledger);
                        if (*p == '\0')
                                break;
                }
}

/* After damage, written values may be missing, at this start and at later ones. */
static void test_values_may_be_missing(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        FILE *file;

        (void) commit_one(ledger, 0, 1, "a", "b");
        (void) commit_one(ledger, 0, 2, "c", "d");
        ledger = reopen(ledger);
        assert_false(ledger_at(ledger, 0)->incomplete);
        ledger_free(ledger);
        file = fopen(scratch_path(directory, "ledger"), "ae");
        assert_true(file && fputs("w\t1\n", file) >= 0 && fclose(file) == 0);
        ledger = open_boot(BOOT, true);
        (void) commit_one(ledger, 0, 3, "e", "f");
        for (int i = 0; i < 2; i++) {
                assert_int_equal(ledger_count(ledger), 3);
                assert_true(ledger_at(ledger, 0)->incomplete);
                assert_true(ledger_at(ledger, 1)->incomplete);
                assert_false(ledger_at(ledger, 2)->incomplete);
                ledger = reopen(ledger);
        }
        ledger_free(ledger);
}

static void test_bad_header_costs_nothing_else(void **state) {
        static const char *const headers[] = { "governord-ledger\n", "#\n", "\n", "governord-ledgxr 1 " BOOT "\n" };

        for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
                char damaged[512];
                struct ledger *ledger;

                (void) snprintf(damaged, sizeof(damaged), "%s%s", headers[i], THREE);
                leave(damaged);
                ledger = open_boot(BOOT, true);
                assert_int_equal(ledger_trouble(ledger)->bad[0], 1);
                assert_int_equal(ledger_count(ledger), 3);
                check(ledger, 2, 3, "c", "C");
                ledger_free(ledger);
        }
}

/* An id that is wrong but still a number affects neither the order nor later entries. */
static void test_damaged_ids(void **state) {
        struct ledger *ledger;

        leave(HEADER
              "o\t2000000000\tintel\tepp\t2\t1\tp\t\ta\nw\t1\tA\no\t2\tintel\tepp\t2\t2\tp\t\tb\nw\t2\tB\no\t1\tintel\tepp\t2\t3\tp\t\tc\n"
              "w\t1\tC\n");
        ledger = open_boot(BOOT, true);
        assert_int_equal(ledger_trouble(ledger)->n_bad, 1);
        assert_int_equal(ledger_trouble(ledger)->bad[0], 3);
        assert_int_equal(ledger_count(ledger), 3);
        check(ledger, 0, 3, "c", "C");
        check(ledger, 1, 2, "b", "B");
        assert_string_equal(ledger_at(ledger, 2)->original, "a");
        assert_int_equal(ledger_at(ledger, 2)->n_values, 0);
        (void) commit_one(ledger, 0, 4, "d", "D");
        assert_int_equal(ledger_at(ledger, 3)->id, 4); /* ids continue after the number of entries */
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 4);
        check(ledger, 3, 4, "d", "D");
        ledger_free(ledger);
}

static void test_later_version_is_kept(void **state) {
        static const char text[] = "governord-ledger 2 " BOOT "\nsomething new\n";
        struct ledger *ledger;

        leave(text);
        ledger = open_boot(BOOT, true);
        assert_int_equal(ledger_trouble(ledger)->version, 2);
        assert_int_equal(ledger_count(ledger), 0);
        (void) commit_one(ledger, 0, 1, "a", "b");
        ledger_free(ledger);
        check_kept("ledger.version-2", text);
        leave("x\n"); /* later damage does not overwrite ledger.bad */
        ledger_free(open_boot(BOOT, true));
        check_kept("ledger.version-2", text);
        check_kept("ledger.bad", "x\n");
}

static void test_nul_bytes_are_garbage(void **state) {
        static const char text[] = HEADER "o\t1\tintel\tepp\t2\t1\tp\t\ta\n\0\nw\t1\tA\0\nw\t1\tB\n";
        struct ledger *ledger;

        scratch_write(scratch_path(directory, "ledger"), text, sizeof(text) - 1);
        ledger = open_boot(BOOT, true);
        assert_int_equal(ledger_trouble(ledger)->n_bad, 2);
        assert_int_equal(ledger_count(ledger), 1);
        check(ledger, 0, 1, "a", "B");
        ledger_free(ledger);
}

static void on_signal(int number) {
        (void) number;
}

static void test_waits_for_nothing_when_told_to_stop(void **state) {
        struct ledger *holder = open_boot(BOOT, false), *ledger = NULL;
        sigset_t stop, before;

        (void) sigemptyset(&stop);
        (void) sigaddset(&stop, SIGTERM);
        (void) signal(SIGTERM, on_signal);
        assert_int_equal(sigprocmask(SIG_BLOCK, &stop, &before), 0);
        assert_int_equal(raise(SIGTERM), 0);
        assert_int_equal(ledger_open(directory, BOOT, &ledger), -EINTR);
        assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
        assert_null(ledger);
        ledger_free(holder);
}

/* -- no memory -- */

/* This test is linked with --wrap=realloc. After this number of calls, all calls fail; a negative number means no failures. */
static int memory_left = -1;
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size) {
        if (memory_left == 0)
                return NULL;
        memory_left -= memory_left > 0;
        return __real_realloc(p, size);
}

/* The buffer of 4097 bytes is filled except for `left` bytes, so that the beginning of a line would fit. */
static void check_whole_lines(size_t left) {
        struct ledger *ledger = open_boot(BOOT, false);
        char text[4097];
        uint32_t ids[2];

        ids[0] = commit_one(ledger, 0, 1, "a", "b");
        ids[1] = commit_one(ledger, 0, 2, "c", "d");
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - strlen("w\t2\t\n") - left] = '\0';
        memory_left = 0;
        ledger_add_shown(ledger, ids[1], text_intern(text));
        ledger_drop(ledger, ids[0]);
        ledger_add_shown(ledger, ids[1], text_intern(text + 1));
        memory_left = -1;
        (void) commit_one(ledger, 0, 3, "e", "f");
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 2);
        assert_string_equal(ledger_at(ledger, 0)->original, "c");
        assert_false(has_value(ledger_at(ledger, 0), ""));
        check(ledger, 1, 3, "e", "f");
        ledger_free(ledger);
        assert_int_equal(unlink(scratch_path(directory, "ledger")), 0);
}

static void test_lines_are_whole_without_memory(void **state) {
        for (size_t left = 0; left < 12; left++)
                check_whole_lines(left);
}

/* This test is linked with --wrap=reallocarray. */
static bool no_arrays;
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        return no_arrays ? NULL : __real_reallocarray(p, n, size);
}

/* If there is no memory for a value that is in the file, it is unknown until the next start whether the service wrote the present
 * value. */
static void test_value_without_memory(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "a", "b");

        ledger_begin(ledger);
        assert_int_equal(note(ledger, id, 1, "a", "c"), id);
        no_arrays = true;
        assert_int_equal(ledger_commit(ledger), 0);
        no_arrays = false;
        assert_false(has_value(ledger_at(ledger, 0), "c"));
        assert_true(ledger_at(ledger, 0)->incomplete);
        ledger = reopen(ledger);
        check(ledger, 0, 1, "a", "c");
        assert_false(ledger_at(ledger, 0)->incomplete);
        no_arrays = true;
        ledger_add_shown(ledger, ledger_at(ledger, 0)->id, text_intern("d"));
        no_arrays = false;
        assert_true(ledger_at(ledger, 0)->incomplete);
        ledger_free(ledger);
}

static void test_batch_without_memory_is_given_up(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        char text[3000];
        bool failed = false;

        memset(text, 'y', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        for (int limit = 0; limit < 8; limit++) {
                uint32_t before = ledger_count(ledger);

                ledger_begin(ledger);
                memory_left = limit;
                for (uint32_t i = 0; i < 40; i++)
                        (void) note(ledger, 0, 100 * (uint32_t) limit + i, "o", text);
                memory_left = -1;
                if (ledger_commit(ledger) < 0) {
                        failed = true;
                        assert_int_equal(ledger_count(ledger), before);
                }
                (void) commit_one(ledger, 0, 9000 + (uint32_t) limit, "o", "v");
                ledger = reopen(ledger);
        }
        assert_true(failed);
        ledger_free(ledger);
}

static void test_folder_or_link_in_its_place(void **state) {
        struct ledger *ledger;

        assert_int_equal(symlink("/etc/passwd", scratch_path(directory, "ledger")), 0);
        assert_true(ledger_open(directory, BOOT, &ledger) < 0);
        assert_int_equal(unlink(scratch_path(directory, "ledger")), 0);
        assert_int_equal(mkdir(scratch_path(directory, "ledger"), 0755), 0);
        ledger_free(open_boot(BOOT, true));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_other_boot_is_dropped),
                TEST(test_garbage_is_kept_aside),
                TEST(test_one_bad_line_costs_nothing_else),
                TEST(test_values_may_be_missing),
                TEST(test_bad_header_costs_nothing_else),
                TEST(test_damaged_ids),
                TEST(test_later_version_is_kept),
                TEST(test_waits_for_nothing_when_told_to_stop),
                TEST(test_lines_are_whole_without_memory),
                TEST(test_value_without_memory),
                TEST(test_batch_without_memory_is_given_up),
                TEST(test_nul_bytes_are_garbage),
                TEST(test_folder_or_link_in_its_place),
        };

        return cmocka_run_group_tests_name("ledger-damage", tests, NULL, NULL);
}
