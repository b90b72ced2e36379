/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/config.h on files: precedence, drop-ins that hide others, owners and modes, sizes, and missing files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "core/config/config-file.h"
#include "core/config/config.h"

static char top[] = "/tmp/governord-test-XXXXXX", vendor[64], admin[64];

static const char *path_of(const char *name) {
        static char path[256];

        (void) snprintf(path, sizeof(path), "%s/%s", top, name);
        return path;
}

static void put(const char *name, const char *text) {
        FILE *file = fopen(path_of(name), "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path_of(name), 0644), 0);
}

static int setup(void **state) {
        (void) state;
        memcpy(top + sizeof(top) - 7, "XXXXXX", 6);
        if (!mkdtemp(top))
                return -1;
        (void) snprintf(vendor, sizeof(vendor), "%s/vendor", top);
        (void) snprintf(admin, sizeof(admin), "%s/admin", top);
        for (size_t i = 0; i < 4; i++) {
                static const char *const names[] = { "vendor", "vendor/governord.conf.d", "admin", "admin/governord.conf.d" };

                if (mkdir(path_of(names[i]), 0755) < 0 || chmod(path_of(names[i]), 0755) < 0)
                        return -1;
        }
        return 0;
}

static int teardown(void **state) {
        char command[128];

        (void) state;
        (void) snprintf(command, sizeof(command), "rm -rf '%s'", top);
        return system(command) == 0 ? 0 : -1;
}

static int load_as(bool trust_any_owner, struct config **ret, char **ret_errors) {
        return config_load(&(struct config_dirs){ vendor, admin, trust_any_owner }, ret, ret_errors);
}

static struct config *load(void) {
        struct config *config = NULL;
        char *errors = NULL;

        if (load_as(true, &config, &errors) < 0)
                fail_msg("%s", errors);
        return config;
}

#define LIMIT(n) "[governord]\ndrift-limit = " #n "\n"

static void test_precedence(void **state) {
        static const char *const names[] = { "vendor/governord.conf.d/50-a.conf", "vendor/governord.conf.d/60-b.conf",
                                             "admin/governord.conf", "admin/governord.conf.d/10-c.conf",
                                             "admin/governord.conf.d/9-d.conf" };
        static const char *const texts[] = { LIMIT(11), LIMIT(12), LIMIT(13), LIMIT(14), LIMIT(15) };

        (void) state;
        put("admin/governord.conf.d/99.conf.bak", LIMIT(99));
        put("admin/governord.conf.d/.hidden.conf", "[x]\n");
        put("admin/governord.conf.d/.conf", "[x]\n");
        for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
                struct config *config;

                put(names[i], texts[i]);
                config = load();
                assert_int_equal(config->drift_limit, 11 + i);
                config_free(config);
        }
}

static void test_hiding(void **state) {
        struct config *config;

        (void) state;
        put("vendor/governord.conf.d/50-a.conf", "[governord]\ndrift-limit = 11\n[profile vendor]\nepp = 1\n");
        put("vendor/governord.conf.d/60-b.conf", "[oops]\n");
        put("admin/governord.conf.d/50-a.conf", "[governord]\nbattery-aware = no\n");
        assert_int_equal(symlink("/dev/null", path_of("admin/governord.conf.d/60-b.conf")), 0);
        config = load();
        assert_int_equal(config->drift_limit, 3);
        assert_false(config->battery_aware);
        assert_null(config_profile(config, "vendor"));
        config_free(config);
}

static void test_rule_order(void **state) {
        struct config *config;

        (void) state;
        put("admin/governord.conf.d/1.conf", "[rule b]\nwhen = ac\nprofile = later\n");
        put("admin/governord.conf.d/2.conf", "[profile later]\n[rule a]\nwhen = battery\nprofile = later\n");
        config = load();
        assert_int_equal(config->n_rules, 2);
        assert_string_equal(config->rules[0].name, "b");
        assert_string_equal(config->rules[1].name, "a");
        assert_int_equal(config_profile(config, "later")->n_lines, config->profiles[PROFILE_BALANCED].n_lines);
        config_free(config);
}

static void test_nothing_there(void **state) {
        struct config *config = NULL;
        char *errors = NULL;

        (void) state;
        assert_int_equal(config_load(&(struct config_dirs){ "/nonexistent/a", "/nonexistent/b", false }, &config, &errors), 0);
        config_free(config);
        assert_int_equal(config_load(&(struct config_dirs){ NULL, NULL, false }, &config, &errors), 0);
        assert_null(errors);
        config_free(config);
}

/* Loads with the check of owners and modes, and expects one error about `name`. */
static void check_distrust(const char *name, const char *reason) {
        _cleanup_free_ char *errors = NULL;
        struct config *config = NULL;

        assert_int_equal(load_as(false, &config, &errors), -EINVAL);
        assert_null(config);
        assert_non_null(errors);
        if (!strstr(errors, path_of(name)) || !strstr(errors, reason) || strchr(errors, '\n')[1])
                fail_msg("%s", errors);
}

static void test_trust(void **state) {
        struct config *config = NULL;
        char *errors = NULL;

        (void) state;
        put("admin/governord.conf", LIMIT(7));
        put("admin/governord.conf.d/a.conf", LIMIT(8));
        if (geteuid() != 0)
                skip(); /* the files do not belong to root */
        assert_int_equal(load_as(false, &config, &errors), 0);
        config_free(config);
        assert_int_equal(chmod(path_of("admin/governord.conf"), 0664), 0);
        check_distrust("admin/governord.conf", "not trusted");
        assert_int_equal(chmod(path_of("admin/governord.conf"), 0646), 0);
        check_distrust("admin/governord.conf", "not trusted");
        assert_int_equal(chmod(path_of("admin/governord.conf"), 0644), 0);
        assert_int_equal(chown(path_of("admin/governord.conf"), 1000, 0), 0);
        check_distrust("admin/governord.conf", "not trusted");
        config_free(load()); /* without the check, any owner is accepted */
        assert_int_equal(unlink(path_of("admin/governord.conf")), 0);
        assert_int_equal(chmod(path_of("admin/governord.conf.d"), 0777), 0);
        check_distrust("admin/governord.conf.d", "not trusted");
}

static void test_untrusted_owner(void **state) {
        (void) state;
        if (geteuid() == 0)
                skip();
        put("admin/governord.conf", LIMIT(7));
        assert_int_equal(rmdir(path_of("admin/governord.conf.d")), 0);
        assert_int_equal(rmdir(path_of("vendor/governord.conf.d")), 0);
        check_distrust("admin/governord.conf", "not trusted");
}

static int check_file(const char *path, char **ret_errors) {
        struct config *config;
        int r = config_check(NULL, path, &config, ret_errors);

        assert_non_null(config);
        config_free(config);
        return r;
}

static void test_odd_files(void **state) {
        _cleanup_free_ char *errors = NULL, *again = NULL, *third = NULL;

        (void) state;
        assert_int_equal(mkfifo(path_of("admin/governord.conf"), 0644), 0); /* opening it must not block until a writer opens it */
        assert_int_equal(mkdir(path_of("admin/governord.conf.d/d.conf"), 0755), 0);
        assert_int_equal(load_as(true, NULL, &errors), -EINVAL);
        assert_non_null(strstr(errors, "admin/governord.conf: it is not a regular file\n"));
        assert_non_null(strstr(errors, "d.conf: it is not a regular file\n"));
        put("big", "");
        assert_int_equal(truncate(path_of("big"), 256 * 1024), 0);
        assert_int_equal(check_file(path_of("big"), &again), -EINVAL);
        assert_non_null(strstr(again, "big: the file is too large (the limit is 256 KiB)"));
        assert_int_equal(check_file(path_of("missing"), &third), -EINVAL);
        assert_non_null(strstr(third, "missing: No such file"));
}

static void test_too_many(void **state) {
        _cleanup_free_ char *errors = NULL;
        struct config *config;

        (void) state;
        for (unsigned i = 0; i < CONFIG_FILES_MAX + 1; i++) {
                char name[64];

                if (i == CONFIG_FILES_MAX)
                        config_free(load());
                (void) snprintf(name, sizeof(name), "admin/governord.conf.d/%03u.conf", i);
                put(name, LIMIT(5));
        }
        assert_int_equal(load_as(true, &config, &errors), -EINVAL);
        assert_non_null(strstr(errors, "governord.conf.d: the directory contains more than 64 *.conf files"));
}

/* Errors are sorted by file and line, like messages of a compiler. */
static void test_errors_of_all_files(void **state) {
        _cleanup_free_ char *errors = NULL;
        char expected[768];

        (void) state;
        put("vendor/governord.conf.d/a.conf", "\n[oops]\n");
        put("admin/governord.conf", "x = 1\n[profile p]\ninherits = q\n\n\n\n\n\n\n[no]\n");
        put("admin/governord.conf.d/b.conf", "drift = yield\n");
        assert_int_equal(load_as(true, NULL, &errors), -EINVAL);
        (void) snprintf(expected, sizeof(expected),
                        "%s/governord.conf:1: this setting precedes the first [section]\n"
                        "%s/governord.conf:3: there is no profile \"q\"\n"
                        "%s/governord.conf:10: unknown section [no]\n"
                        "%s/governord.conf.d/b.conf:1: this setting precedes the first [section]\n"
                        "%s/governord.conf.d/a.conf:2: unknown section [oops]\n",
                        admin, admin, admin, admin, vendor);
        assert_string_equal(errors, expected);
}

static void test_check_file(void **state) {
        char *errors = NULL;

        (void) state;
        put("good", "[rule r]\nwhen = ac\nprofile = performance\n");
        assert_int_equal(chmod(path_of("good"), 0666), 0); /* a file that is only checked may have any mode */
        assert_int_equal(check_file(path_of("good"), &errors), 0);
        assert_null(errors);
        put("bad", "[rule r]\nwhen = ac\nprofile = fast\n");
        assert_int_equal(check_file(path_of("bad"), &errors), -EINVAL);
        assert_non_null(strstr(errors, "bad:3: there is no profile \"fast\""));
        free(errors);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_precedence),    TEST(test_hiding),   TEST(test_rule_order),
                TEST(test_nothing_there), TEST(test_trust),    TEST(test_untrusted_owner),
                TEST(test_odd_files),     TEST(test_too_many), TEST(test_errors_of_all_files),
                TEST(test_check_file),
        };

        return cmocka_run_group_tests_name("config-files", tests, NULL, NULL);
}
