/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/attr.c: files with one short text, below a root that paths cannot leave. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"

static char root[32];
static int root_fd;

static void put(const char *name, const char *text, size_t size) {
        int fd = openat(root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, size), size);
        (void) close(fd);
}
#define PUT(name, text) put((name), (text), strlen(text))

static int setup(void **state) {
        (void) state;
        (void) strcpy(root, "/tmp/test-attr-XXXXXX");
        if (!mkdtemp(root))
                return -1;
        root_fd = open(root, O_PATH | O_DIRECTORY);
        return root_fd < 0 || mkdirat(root_fd, "dir", 0755) < 0 ? -1 : 0;
}

static int forget(const char *name, void *userdata) {
        (void) userdata;
        return unlinkat(root_fd, name, 0) < 0 && unlinkat(root_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

static int forget_in_dir(const char *name, void *userdata) {
        char path[128];

        (void) userdata;
        (void) snprintf(path, sizeof(path), "dir/%s", name);
        return unlinkat(root_fd, path, 0);
}

static int teardown(void **state) {
        (void) state;
        (void) attr_walk(root_fd, "dir", "", forget_in_dir, NULL);
        (void) attr_walk(root_fd, ".", "", forget, NULL);
        (void) close(root_fd);
        return rmdir(root);
}

static void test_read_trims(void **state) {
        static const struct {
                const char *text, *value;
        } cases[] = { { "powersave\n", "powersave" }, { "a b \n\n", "a b" }, { "", "" }, { "\n", "" }, { " x", " x" } };
        char value[16];

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                PUT("f", cases[i].text);
                assert_int_equal(attr_read(root_fd, "f", value, sizeof(value)), strlen(cases[i].value));
                assert_string_equal(value, cases[i].value);
        }
}

static void test_read_list(void **state) {
        static char text[ATTR_LIST_MAX + 1];
        static const size_t sizes[] = { 0, 1, 4094, 4096, 4097, 20000, ATTR_LIST_MAX - 1 };
        char *value = NULL;

        (void) state;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                memset(text, '7', sizes[i]);
                text[sizes[i]] = '\n';
                put("f", text, sizes[i] + 1 > ATTR_LIST_MAX ? ATTR_LIST_MAX : sizes[i] + 1);
                if (sizes[i] == ATTR_LIST_MAX - 1) { /* the buffer is full, so more data may follow */
                        assert_int_equal(attr_read_list(root_fd, "f", &value), -E2BIG);
                        continue;
                }
                assert_int_equal(attr_read_list(root_fd, "f", &value), sizes[i]);
                assert_int_equal(strlen(value), sizes[i]);
                free(value);
                value = NULL;
        }
        put("f", text, 4095); /* a full page without a newline at its end: the kernel has cut it off */
        assert_int_equal(attr_read_list(root_fd, "f", &value), -E2BIG);
        put("f", "1\0002", 3);
        assert_int_equal(attr_read_list(root_fd, "f", &value), -EIO);
        assert_int_equal(attr_read_list(root_fd, "none", &value), -ENOENT);
        assert_int_equal(attr_read_list(root_fd, "../f", &value), -EINVAL);
        assert_int_equal(attr_read_list(root_fd, "dir", &value), -EISDIR);
        assert_null(value);
}

static void test_read_refuses(void **state) {
        char value[8];
        int64_t number = 7;

        (void) state;
        PUT("long", "12345678");
        assert_int_equal(attr_read(root_fd, "long", value, sizeof(value)), -E2BIG);
        put("nul", "a\0b", 3);
        assert_int_equal(attr_read(root_fd, "nul", value, sizeof(value)), -EIO);
        assert_int_equal(attr_read(root_fd, "missing", value, sizeof(value)), -ENOENT);
        PUT("word", "word\n");
        assert_int_equal(attr_read_i64(root_fd, "word", &number), -EINVAL);
        assert_int_equal(number, 7);
        assert_true(attr_read(root_fd, "dir", value, sizeof(value)) < 0);
}

static void test_paths_stay_below_the_root(void **state) {
        static const char *const bad[] = { "/etc/passwd", "", "..", "../x", "dir/..", "dir/../../x", "dir/.." };
        char value[8];

        (void) state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                assert_int_equal(attr_read(root_fd, bad[i], value, sizeof(value)), -EINVAL);
                assert_int_equal(attr_write(root_fd, bad[i], "1", true), -EINVAL);
                assert_int_equal(attr_open(root_fd, bad[i], NULL), -EINVAL);
                assert_false(attr_exists(root_fd, bad[i]));
        }
        PUT("a..b", "1\n"); /* a name that contains two dots is not the parent folder */
        assert_true(attr_exists(root_fd, "a..b"));
}

static void test_write(void **state) {
        char value[32];

        (void) state;
        PUT("w", "a long old value\n");
        assert_int_equal(attr_write(root_fd, "w", "new", true), 0);
        assert_int_equal(attr_read(root_fd, "w", value, sizeof(value)), 3);
        assert_string_equal(value, "new");
        assert_int_equal(attr_write(root_fd, "missing", "1", true), -ENOENT); /* does not create the file */
        assert_false(attr_exists(root_fd, "missing"));
}

static void test_open_tells_read_only(void **state) {
        bool writable = true;
        int fd;

        (void) state;
        PUT("ro", "1\n");
        assert_int_equal(fchmodat(root_fd, "ro", 0444, 0), 0);
        fd = attr_open(root_fd, "ro", &writable);
        assert_true(fd >= 0);
        assert_false(writable);
        assert_true(attr_write_fd(fd, "2", false) < 0);
        (void) close(fd);
}

static int collect(const char *name, void *userdata) {
        (void) strcat(strcat(userdata, name), " ");
        return strcmp(name, "stop") == 0 ? -ECANCELED : 0;
}

static void test_walk_in_natural_order(void **state) {
        char names[128] = "";

        (void) state;
        PUT("dir/policy10", "");
        PUT("dir/policy2", "");
        PUT("dir/policy0", "");
        PUT("dir/boost", "");
        assert_int_equal(attr_walk(root_fd, "dir", "policy", collect, names), 0);
        assert_string_equal(names, "policy0 policy2 policy10 ");
        PUT("dir/stop", "");
        assert_int_equal(attr_walk(root_fd, "dir", "stop", collect, names), -ECANCELED);
        assert_int_equal(attr_walk(root_fd, "nowhere", "", collect, names), -ENOENT);
        assert_int_equal(attr_walk(root_fd, "../..", "", collect, names), -EINVAL);
}

static void test_suffix(void **state) {
        uint32_t n = 7;

        (void) state;
        assert_int_equal(attr_suffix("policy12", "policy", &n), 0);
        assert_int_equal(n, 12);
        assert_int_equal(attr_suffix("policy", "policy", &n), -EINVAL);
        assert_int_equal(attr_suffix("policy1x", "policy", &n), -EINVAL);
        assert_int_equal(attr_suffix("boost", "policy", &n), -EINVAL);
        assert_int_equal(attr_suffix("policy4294967296", "policy", &n), -ERANGE);
        assert_int_equal(n, 12);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_read_trims),
                cmocka_unit_test(test_read_list),
                cmocka_unit_test(test_read_refuses),
                cmocka_unit_test(test_paths_stay_below_the_root),
                cmocka_unit_test(test_write),
                cmocka_unit_test(test_open_tells_read_only),
                cmocka_unit_test(test_walk_in_natural_order),
                cmocka_unit_test(test_suffix),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
