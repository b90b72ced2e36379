/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/machine/plugin: invalid drivers are refused with a reason before any of their functions is called; a valid driver is probed.
 * The argument is the folder with the bad plugins. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "core/machine/plugin.h"
#include "tests/unit/scratch.h"

static const char *bad_dir;
static const char *answer;

static const char *option(const char *driver, const char *key, void *userdata) {
        return answer;
}

static struct plugin_host host = { .root_fd = -1, .trust_any_owner = true, .option = option };

struct loaded {
        struct plugin **plugins;
        size_t n;
};

static struct loaded load(const char *directory) {
        struct loaded loaded = {};

        assert_int_equal(plugins_load(directory, &host, &loaded.plugins, &loaded.n), 0);
        return loaded;
}

/* The dynamic linker identifies a plugin by the number of its descriptor, so plugins are kept open until the end. */
static struct loaded kept[64];
static size_t n_kept;

static void keep(const struct loaded *loaded) {
        assert_true(n_kept < ARRAY_SIZE(kept));
        kept[n_kept++] = *loaded;
}

static int free_kept(void **state) {
        while (n_kept > 0) {
                n_kept--;
                plugins_free(kept[n_kept].plugins, kept[n_kept].n);
        }
        return 0;
}

static struct plugin *find(const struct loaded *loaded, const char *name) {
        for (size_t i = 0; i < loaded->n; i++)
                if (strcmp(loaded->plugins[i]->name, name) == 0)
                        return loaded->plugins[i];
        return NULL;
}

/* -- refusals -- */

static void test_each_defect_is_refused(void **state) {
        static const struct {
                const char *name, *words;
        } defects[] = {
                { "magic", "not a driver table" },
                { "major", "rebuild it" },
                { "minor", "rebuild it" },
                { "size", "bytes" },
                { "row-size", "table of 3 rows" },
                { "rows-missing", "table of 3 rows" },
                { "rows-many", "100000 rows" },
                { "duplicate", "two rows with the same scope are named \"one\"" },
                { "no-probe", "function probe is missing" },
                { "no-read", "function read is missing" },
                { "no-name", "has no name" },
                { "other-name", "must be named \"another-name.so\"" },
                { "no-description", "no description" },
                { "row-name", "row 0 (" },
                { "row-unit", "its unit" },
                { "row-scope", "its scope" },
                { "row-help", "no help text" },
                { "may-block", "GOV_DRIVER_MAY_BLOCK" },
                { "no-symbol", "no symbol" },
                { "unresolved", "governord_test_no_such_function" },
                { "row-underscore", "row 0 (\"a_b\"): a name must consist of at most 32 lower-case letters, digits and \"-\"" },
                { "row-dot", "row 0 (\"a.b\"): a name must consist of at most 32 lower-case letters, digits and \"-\"" },
        };
        const struct loaded loaded = load(bad_dir);

        assert_int_equal(loaded.n, ARRAY_SIZE(defects) + 1);
        for (size_t i = 0; i < ARRAY_SIZE(defects); i++) {
                struct plugin *plugin = find(&loaded, defects[i].name);

                assert_non_null(plugin);
                assert_int_equal(plugin->state, PLUGIN_REFUSED);
                assert_null(plugin->driver);
                assert_non_null(strstr(plugin->note, defects[i].words));
                assert_null(strstr(plugin->note, "/proc/self/fd"));
                plugin_probe(plugin, ""); /* has no effect */
                assert_int_equal(plugin->state, PLUGIN_REFUSED);
        }
        keep(&loaded);
}

static struct gov_driver proxy;
static struct access_transport reached = { .driver = &proxy };

static const struct access_transport *take_over(struct plugin *plugin, const struct gov_driver *driver, void *userdata) {
        assert_string_equal(plugin->name, "may-block");
        proxy = *driver;
        return &reached;
}

/* The transport takes over only drivers whose calls may block. From then on, the driver table that it returns is used. */
static void test_transport(void **state) {
        struct loaded loaded;
        struct plugin *plugin;

        host.transport = take_over;
        loaded = load(bad_dir);
        host.transport = NULL;
        plugin = find(&loaded, "may-block");
        assert_int_equal(plugin->state, PLUGIN_ABSENT);
        assert_ptr_equal(plugin->driver, &proxy);
        assert_ptr_equal(plugin->transport, &reached);
        assert_null(find(&loaded, "good")->transport);
        keep(&loaded);
}

/* Makes a folder with the file `name`, a copy of the good plugin. */
static void put_good(const char *directory, const char *name, mode_t mode) {
        size_t n = 0;
        _cleanup_free_ char *bytes = scratch_read(scratch_path(bad_dir, "good.so"), &n);

        assert_non_null(bytes);
        scratch_write(scratch_path(directory, name), bytes, n);
        assert_int_equal(chmod(scratch_path(directory, name), mode), 0);
}

static struct loaded load_one(const char *directory, bool trust) {
        struct loaded loaded;

        host.trust_any_owner = trust;
        loaded = load(directory);
        host.trust_any_owner = true;
        assert_int_equal(loaded.n, 1);
        return loaded;
}

static void test_files_that_others_may_write(void **state) {
        static const mode_t modes[] = { 0666, 0664, 0646, 0622 };

        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
                char directory[64];
                struct loaded loaded;

                scratch_make(directory, sizeof(directory));
                put_good(directory, "good.so", modes[i]);
                loaded = load_one(directory, false);
                assert_int_equal(loaded.plugins[0]->state, PLUGIN_REFUSED);
                assert_non_null(strstr(loaded.plugins[0]->note, "only root may write"));
                keep(&loaded);
                assert_int_equal(fixture_remove(directory), 0);
        }
}

static void test_trusted_file(void **state) {
        char directory[64];
        struct loaded loaded;

        if (geteuid() != 0)
                skip();
        scratch_make(directory, sizeof(directory));
        put_good(directory, "good.so", 0644);
        loaded = load_one(directory, false);
        assert_int_equal(loaded.plugins[0]->state, PLUGIN_ABSENT);
        keep(&loaded);
        assert_int_equal(chown(scratch_path(directory, "good.so"), 65534, 65534), 0);
        loaded = load_one(directory, false);
        assert_int_equal(loaded.plugins[0]->state, PLUGIN_REFUSED);
        keep(&loaded);
        assert_int_equal(fixture_remove(directory), 0);
}

static void test_renamed_file(void **state) {
        char directory[64];
        struct loaded loaded;

        scratch_make(directory, sizeof(directory));
        put_good(directory, "other.so", 0644);
        loaded = load_one(directory, true);
        assert_int_equal(loaded.plugins[0]->state, PLUGIN_REFUSED);
        assert_non_null(strstr(loaded.plugins[0]->note, "the name in its table is \"good\""));
        keep(&loaded);
        assert_int_equal(fixture_remove(directory), 0);
}

static void test_not_an_object(void **state) {
        static const char *const contents[] = { "", "#!/bin/sh\n", "\177ELF" };

        for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
                char directory[64], expected[128];
                struct loaded loaded;

                scratch_make(directory, sizeof(directory));
                scratch_write(scratch_path(directory, "text.so"), contents[i], strlen(contents[i]));
                loaded = load_one(directory, true);
                assert_int_equal(loaded.plugins[0]->state, PLUGIN_REFUSED);
                (void) snprintf(expected, sizeof(expected), "%s/text.so cannot be loaded: file too short", directory);
                assert_string_equal(loaded.plugins[0]->note, expected);
                keep(&loaded);
                assert_int_equal(fixture_remove(directory), 0);
        }
}

static void test_folders_fifos_and_links(void **state) {
        char directory[64];
        struct loaded loaded;

        scratch_make(directory, sizeof(directory));
        assert_int_equal(mkdir(scratch_path(directory, "folder.so"), 0755), 0);
        assert_int_equal(symlink("nowhere", scratch_path(directory, "link.so")), 0);
        scratch_write(scratch_path(directory, "readme.txt"), "x", 1);
        scratch_write(scratch_path(directory, ".so"), "x", 1);
        loaded = load(directory);
        assert_int_equal(loaded.n, 2);
        for (size_t i = 0; i < loaded.n; i++)
                assert_int_equal(loaded.plugins[i]->state, PLUGIN_REFUSED);
        keep(&loaded);
        assert_int_equal(fixture_remove(directory), 0);
}

/* Opening a FIFO would block until a writer opens it. */
static void test_fifo(void **state) {
        char directory[64];
        struct loaded loaded;

        scratch_make(directory, sizeof(directory));
        assert_int_equal(mkfifo(scratch_path(directory, "pipe.so"), 0644), 0);
        (void) alarm(10);
        loaded = load_one(directory, true);
        (void) alarm(0);
        assert_int_equal(loaded.plugins[0]->state, PLUGIN_REFUSED);
        keep(&loaded);
        assert_int_equal(fixture_remove(directory), 0);
}

static void test_no_folder(void **state) {
        struct loaded loaded = {};

        assert_int_equal(plugins_load("/nonexistent", &host, &loaded.plugins, &loaded.n), -ENOENT);
}

static void test_empty_folder(void **state) {
        char directory[64];
        struct loaded loaded;

        scratch_make(directory, sizeof(directory));
        loaded = load(directory);
        assert_int_equal(loaded.n, 0);
        keep(&loaded);
        assert_int_equal(fixture_remove(directory), 0);
}

/* -- a valid driver -- */

static void check_probe(struct plugin *plugin, const char *reply, const char *blocked, enum plugin_state expected) {
        answer = reply;
        plugin_probe(plugin, blocked);
        assert_int_equal(plugin->state, expected);
        assert_true((plugin->state == PLUGIN_LOADED) == (plugin->driver_state != NULL));
}

static void test_probing(void **state) {
        const struct loaded loaded = load(bad_dir);
        struct plugin *plugin = find(&loaded, "good");
        char backend[64];

        assert_int_equal(plugin->state, PLUGIN_ABSENT);
        check_probe(plugin, NULL, "", PLUGIN_ABSENT);
        assert_string_equal(plugin->note, "");
        check_probe(plugin, "later", "", PLUGIN_LATER);
        check_probe(plugin, "broken", "", PLUGIN_ABSENT);
        assert_non_null(strstr(plugin->note, "Input/output error"));
        check_probe(plugin, "yes", "", PLUGIN_LOADED);
        assert_int_equal(strlen(plugin->info.backend), sizeof(plugin->info.backend) - 1);
        assert_int_equal(strlen(plugin->note), sizeof(plugin->info.note) - 1);
        check_probe(plugin, "yes", "", PLUGIN_LOADED); /* the former state is freed */
        assert_string_equal(plugin->host.option(&plugin->host, "answer"), "yes");
        assert_null(plugin->host.option(&plugin->host, "answers")); /* not in the driver's table */
        (void) snprintf(backend, sizeof(backend), "x %s", plugin->info.backend);
        check_probe(plugin, "yes", "other good", PLUGIN_BLOCKED);
        check_probe(plugin, "yes", backend, PLUGIN_BLOCKED);
        assert_non_null(strstr(plugin->note, "blocked"));
        check_probe(plugin, "yes", "goo good2 GOOD", PLUGIN_LOADED);
        plugin_remove(plugin);
        plugin_remove(plugin);
        assert_int_equal(plugin->state, PLUGIN_ABSENT);
        check_probe(plugin, "yes", "", PLUGIN_LOADED);
        plugin_remove(plugin);
        keep(&loaded);
}

static void test_state_names(void **state) {
        assert_string_equal(plugin_state_name(PLUGIN_LOADED), "loaded");
        assert_string_equal(plugin_state_name(PLUGIN_REFUSED), "refused");
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_defect_is_refused),
                cmocka_unit_test(test_transport),
                cmocka_unit_test(test_files_that_others_may_write),
                cmocka_unit_test(test_trusted_file),
                cmocka_unit_test(test_renamed_file),
                cmocka_unit_test(test_not_an_object),
                cmocka_unit_test(test_folders_fifos_and_links),
                cmocka_unit_test(test_fifo),
                cmocka_unit_test(test_no_folder),
                cmocka_unit_test(test_empty_folder),
                cmocka_unit_test(test_probing),
                cmocka_unit_test(test_state_names),
        };

        if (argc != 2) {
                fprintf(stderr, "usage: test-plugin FOLDER\n");
                return 2;
        }
        bad_dir = argv[1];
        log_open("test-plugin", 3, false);
        return cmocka_run_group_tests_name("plugin", tests, NULL, free_kept);
}
