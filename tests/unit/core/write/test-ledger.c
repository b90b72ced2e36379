/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/write/ledger: committed entries are never lost, and other entries never appear, regardless of how the last write ended. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/unit/core/write/ledger-case.h"

static bool truncate_fails;

/* This test is linked with --wrap=ftruncate. */
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);

int __wrap_ftruncate(int fd, off_t size) {
        if (!truncate_fails)
                return __real_ftruncate(fd, size);
        errno = EIO;
        return -1;
}

/* -- round trips -- */

static void test_round_trip(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        const struct ledger_key key = { .driver = text_intern("platform"),
                                        .knob = text_intern("platform-profile"),
                                        .scope = 0,
                                        .domain = 7,
                                        .path = text_intern("sys/firmware/acpi/platform_profile"),
                                        .label = text_intern("a label"),
                                        .identity = text_intern("GPU-5f3e") };
        int id;

        ledger_begin(ledger);
        id = ledger_note(ledger, 0, &key, text_intern("low power mode"), text_intern(""));
        assert_true(id > 0);
        assert_int_equal(ledger_note(ledger, (uint32_t) id, &key, "not looked at", text_intern("x")), id);
        assert_int_equal(ledger_commit(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        assert_memory_equal(&ledger_at(ledger, 0)->key, &key, sizeof(key)); /* texts are interned, so their addresses are equal */
        assert_string_equal(ledger_at(ledger, 0)->original, "low power mode");
        assert_int_equal(ledger_at(ledger, 0)->n_values, 2);
        assert_true(has_value(ledger_at(ledger, 0), ""));
        assert_true(has_value(ledger_at(ledger, 0), "x"));
        assert_false(has_value(ledger_at(ledger, 0), "y"));
        assert_null(ledger_at(ledger, 1));
        ledger_free(ledger);
}

static void test_missing_directory(void **state) {
        struct ledger *ledger = NULL;

        assert_int_equal(ledger_open(scratch_path(directory, "none"), BOOT, &ledger), -ENOENT);
        assert_null(ledger);
}

static void test_in_memory(void **state) {
        struct ledger *ledger = NULL;
        uint32_t id;

        assert_int_equal(ledger_open(NULL, BOOT, &ledger), 0);
        id = commit_one(ledger, 0, 1, "a", "b");
        check(ledger, 0, 1, "a", "b");
        ledger_drop(ledger, id);
        assert_int_equal(ledger_settle(ledger), 0);
        assert_int_equal(ledger_count(ledger), 0);
        ledger_free(ledger);
}

static void test_values_are_kept_once_latest_last(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "o", "a");

        (void) commit_one(ledger, id, 1, "o", "b");
        (void) commit_one(ledger, id, 1, "o", "a");
        ledger = reopen(ledger);
        assert_int_equal(ledger_at(ledger, 0)->n_values, 2);
        assert_string_equal(ledger_at(ledger, 0)->values[0], "b");
        assert_string_equal(ledger_at(ledger, 0)->values[1], "a");
        ledger_free(ledger);
}

static void test_refuses_what_is_no_line(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);

        ledger_begin(ledger);
        assert_int_equal(note(ledger, 0, 1, "a\tb", "c"), -EINVAL);
        assert_int_equal(note(ledger, 0, 1, "a\nb", "c"), -EINVAL);
        assert_int_equal(note(ledger, 0, 1, "a", "b\tc"), -EINVAL);
        assert_int_equal(note(ledger, 0, 1, "a", "b\nc"), -EINVAL);
        assert_true(note(ledger, 0, 1, "a", "b") > 0);
        assert_int_equal(ledger_commit(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        ledger_free(ledger);
}

/* A name from sysfs with separators of the format is rejected, so that it cannot damage the file. */
static void test_refuses_keys_that_are_no_field(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        const struct ledger_key keys[] = {
                { .driver = "d", .knob = "k", .path = "p", .label = "my\tmouse", .identity = "" },
                { .driver = "d", .knob = "k", .path = "p", .label = "my\nmouse", .identity = "" },
                { .driver = "d", .knob = "k", .path = "a\tb", .label = "", .identity = "" },
                { .driver = "d", .knob = "k", .path = "a\nb", .label = "", .identity = "" },
                { .driver = "d", .knob = "k", .path = "p", .label = "", .identity = "GPU\t0" },
        };

        ledger_begin(ledger);
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                assert_int_equal(ledger_note(ledger, 0, &keys[i], "a", "b"), -EINVAL);
        assert_int_equal(ledger_commit(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 0);
        ledger_free(ledger);
}

/* -- torn files -- */

static bool same(const struct ledger *a, const struct ledger *b) {
        if (ledger_count(a) != ledger_count(b))
                return false;
        for (uint32_t i = 0; i < ledger_count(a); i++) {
                const struct ledger_entry *x = ledger_at(a, i), *y = ledger_at(b, i);

                if (x->id != y->id || memcmp(&x->key, &y->key, sizeof(x->key)) != 0 || !text_equal(x->original, y->original) ||
                    x->n_values != y->n_values)
                        return false;
                for (uint32_t j = 0; j < x->n_values; j++)
                        if (!text_equal(x->values[j], y->values[j]))
                                return false;
        }
        return true;
}

/* Makes a ledger of several batches with all kinds of lines; returns its text. */
static char *long_file(size_t *ret_n) {
        struct ledger *ledger = open_boot(BOOT, false);
        int a, b;

        ledger_begin(ledger);
        a = note(ledger, 0, 1, "balance_performance", "power");
        b = note(ledger, 0, 2, "12", "123");
        assert_int_equal(ledger_commit(ledger), 0);
        (void) commit_one(ledger, (uint32_t) b, 2, "12", "1234");
        ledger_drop(ledger, (uint32_t) a);
        assert_int_equal(ledger_settle(ledger), 0);
        (void) commit_one(ledger, 0, 11, "", "x y");
        ledger_free(ledger);
        return scratch_read(scratch_path(directory, "ledger"), ret_n);
}

/* The file is cut off after every byte: exactly the complete lines are used, and the file does not count as damaged. */
static void test_torn_at_every_byte(void **state) {
        size_t n = 0;
        _cleanup_free_ char *text = long_file(&n);
        struct ledger *ledger;

        for (size_t cut = 0; cut <= n; cut++) {
                size_t whole = cut;
                struct ledger *torn;

                while (whole > 0 && text[whole - 1] != '\n')
                        whole--;
                scratch_write(scratch_path(directory, "ledger"), text, cut);
                assert_int_equal(ledger_peek(directory, BOOT, &torn), 0); /* ledger_open() would lock the file */
                scratch_write(scratch_path(directory, "ledger"), text, whole);
                ledger = open_boot(BOOT, false);
                assert_true(same(torn, ledger));
                ledger_free(torn);
                ledger_free(ledger);
        }
        scratch_write(scratch_path(directory, "ledger"), text, n);
        ledger = open_boot(BOOT, false);
        assert_int_equal(ledger_count(ledger), 2);
        check(ledger, 0, 2, "12", "1234");
        check(ledger, 1, 11, "", "x y");
        ledger_free(ledger);
}

/* An incomplete last line does not damage lines that are appended after the next start. */
static void test_use_after_torn_end(void **state) {
        size_t n = 0;
        _cleanup_free_ char *text = long_file(&n);

        for (size_t cut = 0; cut <= n; cut++) {
                struct ledger *ledger;
                uint32_t before;

                scratch_write(scratch_path(directory, "ledger"), text, cut);
                ledger = open_boot(BOOT, false);
                before = ledger_count(ledger);
                (void) commit_one(ledger, 0, 77, "old", "new");
                ledger = reopen(ledger);
                assert_int_equal(ledger_count(ledger), before + 1);
                check(ledger, before, 77, "old", "new");
                ledger_free(ledger);
        }
}

/* -- a full disk -- */

static struct rlimit file_size;

/* From now on no file can exceed `size` bytes: a write beyond it is short, and the next one fails. */
static void fill_disk(rlim_t size) {
        (void) signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &file_size), 0);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ .rlim_cur = size, .rlim_max = file_size.rlim_max }), 0);
}

static void empty_disk(void) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &file_size), 0);
}

static size_t ledger_size(void) {
        struct stat st;

        assert_int_equal(stat(scratch_path(directory, "ledger"), &st), 0);
        return (size_t) st.st_size;
}

/* Commits a batch with a new and an old knob; returns true on success. */
static bool try_batch(struct ledger *ledger, uint32_t id) {
        ledger_begin(ledger);
        (void) note(ledger, id, 1, "a", "third");
        (void) note(ledger, 0, 2, "c", "d");
        return ledger_commit(ledger) >= 0;
}

/* The disk becomes full after any byte of a batch: on disk and in memory there is either the whole batch or nothing of it, and the
 * next batch succeeds. */
static void check_full_disk(size_t room) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "a", "first");
        bool done;

        fill_disk(ledger_size() + room);
        done = try_batch(ledger, id);
        empty_disk();
        assert_int_equal(ledger_count(ledger), done ? 2 : 1);
        if (!done) {
                assert_int_equal(ledger_at(ledger, 0)->n_values, 1);
                check(ledger, 0, 1, "a", "first");
        }
        (void) commit_one(ledger, 0, 3, "e", "f");
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), done ? 3 : 2);
        check(ledger, 0, 1, "a", done ? "third" : "first");
        check(ledger, done ? 2 : 1, 3, "e", "f");
        ledger_free(ledger);
        assert_int_equal(unlink(scratch_path(directory, "ledger")), 0);
}

static void test_disk_full_at_every_byte(void **state) {
        for (size_t room = 0; room < 80; room++)
                check_full_disk(room);
}

/* The same, but ftruncate() also fails to remove the incomplete line. */
static void test_disk_full_and_no_truncation(void **state) {
        truncate_fails = true;
        for (size_t room = 0; room < 80; room++)
                check_full_disk(room);
        truncate_fails = false;
}

static void test_full_disk_at_start(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);

        (void) commit_one(ledger, 0, 1, "a", "b");
        ledger_free(ledger);
        fill_disk(10);
        assert_int_equal(ledger_open(directory, BOOT, &ledger), 0);
        assert_int_equal(access(scratch_path(directory, "ledger.new"), F_OK), -1); /* no temporary file is left */
        check(ledger, 0, 1, "a", "b");
        ledger_begin(ledger);
        assert_int_equal(ledger_commit(ledger), 0); /* restoring needs no write */
        ledger_begin(ledger);
        assert_true(note(ledger, 0, 2, "c", "d") > 0);
        assert_true(ledger_commit(ledger) < 0);
        empty_disk();
        (void) commit_one(ledger, 0, 3, "e", "f");
        ledger = reopen(ledger);
        check(ledger, 0, 1, "a", "b");
        check(ledger, 1, 3, "e", "f");
        ledger_free(ledger);
}

static void test_peek_touches_nothing(void **state) {
        struct ledger *ledger = open_boot(BOOT, false), *copy;

        (void) commit_one(ledger, 0, 1, "a", "b");
        assert_int_equal(ledger_peek(directory, BOOT, &copy), 1); /* 1: it is in use */
        check(copy, 0, 1, "a", "b");
        (void) commit_one(copy, 0, 2, "c", "d");
        ledger_drop(copy, ledger_at(copy, 0)->id);
        assert_int_equal(ledger_settle(copy), 0);
        ledger_free(copy);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        check(ledger, 0, 1, "a", "b");
        ledger_free(ledger);
        assert_int_equal(ledger_peek(directory, BOOT, &copy), 0);
        check(copy, 0, 1, "a", "b");
        ledger_free(copy);
        assert_int_equal(ledger_peek(scratch_path(directory, "none"), BOOT, &copy), 0);
        assert_int_equal(ledger_count(copy), 0);
        ledger_free(copy);
}

static void test_abort(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "a", "b");

        ledger_begin(ledger);
        (void) note(ledger, 0, 2, "c", "d");
        (void) note(ledger, id, 1, "a", "z");
        ledger_abort(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        assert_false(has_value(ledger_at(ledger, 0), "z"));
        (void) commit_one(ledger, 0, 3, "e", "f");
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 2);
        check(ledger, 1, 3, "e", "f");
        ledger_free(ledger);
}

/* -- drops -- */

static void test_drop(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t first = commit_one(ledger, 0, 1, "a", "b");

        (void) commit_one(ledger, 0, 2, "c", "d");
        ledger_drop(ledger, first);
        ledger_drop(ledger, first);
        ledger_drop(ledger, 4711);
        assert_null(ledger_find(ledger, first));
        assert_int_equal(ledger_settle(ledger), 0);
        assert_int_equal(ledger_count(ledger), 1);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        check(ledger, 0, 2, "c", "d");
        ledger_free(ledger);
}

/* An entry may be removed before the batch of a switch begins. */
static void test_drop_before_a_batch(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t first = commit_one(ledger, 0, 1, "a", "b");

        ledger_drop(ledger, first);
        (void) commit_one(ledger, 0, 2, "c", "d");
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        check(ledger, 0, 2, "c", "d");
        ledger_free(ledger);
}

static void test_drop_survives_a_failed_batch(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t first = commit_one(ledger, 0, 1, "a", "b");

        ledger_drop(ledger, first);
        fill_disk(ledger_size());
        ledger_begin(ledger);
        (void) note(ledger, 0, 2, "c", "d");
        assert_true(ledger_commit(ledger) < 0);
        assert_true(ledger_settle(ledger) < 0);
        empty_disk();
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 0);
        ledger_free(ledger);
}

static void test_drop_while_the_end_is_torn(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t first = commit_one(ledger, 0, 1, "a", "b");

        truncate_fails = true;
        fill_disk(ledger_size() + 3);
        assert_false(try_batch(ledger, first));
        truncate_fails = false;
        empty_disk();
        ledger_drop(ledger, first);
        (void) commit_one(ledger, 0, 5, "g", "h");
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 1);
        check(ledger, 0, 5, "g", "h");
        ledger_free(ledger);
}

/* -- growth -- */

static void test_growth_is_bounded(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "original", "0");
        char value[16];

        for (int i = 0; i < 20000; i++) {
                (void) snprintf(value, sizeof(value), "%d", i % 50);
                (void) commit_one(ledger, id, 1, "original", value);
                assert_int_equal(ledger_settle(ledger), 0);
        }
        assert_true(ledger_size() < 64 * 1024);
        check(ledger, 0, 1, "original", value);
        ledger = reopen(ledger);
        check(ledger, 0, 1, "original", value);
        ledger_free(ledger);
}

/* If the hardware rejected the latest value, the value before it is in force, and must not be lost when the file is rewritten. */
static void test_refused_value_hides_nothing(void **state) {
        static const char *const refused[] = { "b", "c", "b", "d", "e", "f", "g", "h" };
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "original", "a"), other = commit_one(ledger, 0, 2, "original", "0");
        size_t largest = 0;
        char value[16];

        for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
                (void) commit_one(ledger, id, 1, "original", refused[i]);
                ledger_refused(ledger, id);
                assert_int_equal(ledger_settle(ledger), 0);
                check(ledger, 0, 1, "original", "a");
        }
        for (int i = 0; ledger_size() >= largest; i++) { /* until the file has been rewritten */
                assert_true(i < 20000);
                largest = ledger_size();
                (void) snprintf(value, sizeof(value), "%d", i);
                (void) commit_one(ledger, other, 2, "original", value);
                assert_int_equal(ledger_settle(ledger), 0);
        }
        check(ledger, 0, 1, "original", "a");
        ledger = reopen(ledger);
        check(ledger, 0, 1, "original", "a");
        check(ledger, 1, 2, "original", value);
        ledger_free(ledger);
}

/* The first value of a knob was rejected, so there is no value before it. */
static void test_refused_first_value(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        uint32_t id = commit_one(ledger, 0, 1, "original", "a");

        ledger_refused(ledger, id);
        ledger_refused(ledger, id + 1);
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        check(ledger, 0, 1, "original", "a");
        ledger_free(ledger);
}

/* A machine with 4096 CPUs. An algorithm with quadratic time would exceed the time limit. */
static void test_many_entries(void **state) {
        struct ledger *ledger = open_boot(BOOT, false);
        char original[32];

        ledger_begin(ledger);
        for (uint32_t i = 0; i < 20000; i++) {
                (void) snprintf(original, sizeof(original), "o%u", i % 100);
                assert_true(note(ledger, 0, i, original, "v") > 0);
        }
        assert_int_equal(ledger_commit(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 20000);
        for (uint32_t i = 0; i < 20000; i += 501)
                assert_int_equal(ledger_at(ledger, i)->key.domain, i);
        for (uint32_t i = 0; i < 20000; i += 2)
                ledger_drop(ledger, ledger_at(ledger, i)->id);
        assert_int_equal(ledger_settle(ledger), 0);
        ledger = reopen(ledger);
        assert_int_equal(ledger_count(ledger), 10000);
        for (uint32_t i = 0; i < 10000; i++)
                assert_int_equal(ledger_at(ledger, i)->key.domain, 2 * i + 1);
        ledger_free(ledger);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_round_trip),
                TEST(test_missing_directory),
                TEST(test_in_memory),
                TEST(test_values_are_kept_once_latest_last),
                TEST(test_refuses_what_is_no_line),
                TEST(test_refuses_keys_that_are_no_field),
                TEST(test_torn_at_every_byte),
                TEST(test_use_after_torn_end),
                TEST(test_disk_full_at_every_byte),
                TEST(test_disk_full_and_no_truncation),
                TEST(test_full_disk_at_start),
                TEST(test_peek_touches_nothing),
                TEST(test_abort),
                TEST(test_drop),
                TEST(test_drop_before_a_batch),
                TEST(test_drop_survives_a_failed_batch),
                TEST(test_drop_while_the_end_is_torn),
                TEST(test_growth_is_bounded),
                TEST(test_refused_value_hides_nothing),
                TEST(test_refused_first_value),
                TEST(test_many_entries),
        };

        return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
