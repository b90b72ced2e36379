/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every driver on every simulated machine: what the ABI promises, tried.
 *
 *     test-driver-contract [--print | --print-missing] MACHINES-DIR EXPECTED-FILE DRIVER.so...
 *
 * One test per driver for its table, one per driver and machine for the rest. With --print it prints the lines that EXPECTED-FILE should
 * have instead of comparing them, with --print-missing those that it lacks or has otherwise; all other checks run. "-" is an
 * EXPECTED-FILE without expectations. CONTRACT_ONLY=text runs only the tests whose names hold that text. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/contract/contract.h"

#define TESTS_MAX 1024

static const char *expected_file;
static enum { COMPARE, PRINT, PRINT_MISSING } mode;

static void test_table(void **state) {
        struct contract *c = *state;
        const char *base = strrchr(c->so, '/'), *symbol;
        char name[64];
        unsigned n;

        check_table(c);
        (void) snprintf(name, sizeof(name), "%s.so", c->driver->name);
        contract_check(c, strcmp(base ? base + 1 : c->so, name) == 0, "the file is called %s", c->so);
        n = contract_exported_symbols(c->so, &symbol);
        contract_check(c, n == 1 && strcmp(symbol, GOVERNORD_DRIVER_SYMBOL) == 0, "%u symbols, the first is %s", n, symbol);
}

static void check_info(struct contract *c) {
        struct gov_driver_info info = {};
        int r = c->driver->info(c->state, &info);

        contract_check(c, r == 0, "info() is %d", r);
        contract_check(c, memchr(info.backend, 0, sizeof(info.backend)), "info: backend");
        contract_check(c, info.backend[0] || info.kind == GOV_KIND_OTHER, "info: no backend");
        contract_check(c, memchr(info.mode, 0, sizeof(info.mode)) && memchr(info.note, 0, sizeof(info.note)), "info: texts");
        contract_check(c, info.kind <= GOV_KIND_PLATFORM, "info: kind %u", info.kind);
}

static void check_expectation(struct contract *c, int probed) {
        const char *expected = contract_expected(expected_file, c->machine, c->driver->name);
        bool same;
        char line[4096];

        contract_describe_machine(c, probed, line, sizeof(line));
        same = expected && strcmp(line, expected) == 0;
        if (mode == PRINT || (mode == PRINT_MISSING && !same)) {
                (void) printf("%s\n", line);
                (void) fflush(stdout);
        } else if (mode == COMPARE && strcmp(expected_file, "-") != 0)
                contract_check(c, same, "found\n  %s\nexpected\n  %s", line, expected ? expected : "(no line)");
}

/* A second probe while the first state lives: neither may disturb the other. */
static void check_second_probe(struct contract *c) {
        void *second = NULL;
        int r = c->driver->probe(&c->host, &second);

        contract_check(c, r == 0 && second, "second probe is %d", r);
        for (uint32_t row = 0; row < c->driver->n_rows; row++)
                contract_check(c, c->driver->count(second, row) == c->driver->count(c->state, row), "second probe: row %u", row);
        c->driver->remove(second);
}

static void check_all(struct contract *c) {
        check_info(c);
        check_instances(c);
        check_reads(c);
        check_writes(c);
        check_nonsense(c);
        check_removed_files(c);
        check_cpus(c);
        check_second_probe(c);
}

static void test_machine(void **state) {
        struct contract *c = *state;
        unsigned fds;
        uint64_t before;
        int r;

        contract_setup(c);
        fds = contract_count_fds();
        before = contract_snapshot(c);
        r = c->driver->probe(&c->host, &c->state);
        contract_check(c, r == 0 || r == -ENODEV || r == -EAGAIN, "probe is %d", r);
        contract_check(c, r < 0 || c->state, "probe sets no state");
        check_expectation(c, r);
        if (r == 0) {
                check_all(c);
                c->driver->remove(c->state);
        }
        contract_check(c, contract_count_fds() == fds, "%d descriptors are left open", (int) (contract_count_fds() - fds));
        contract_check(c, contract_snapshot(c) == before, "files are not as they were");
}

static int after_machine(void **state) {
        contract_teardown(*state);
        return 0;
}

/* ---- the list of tests ---- */

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;

static void add_test(const struct contract *template, const char *tree) {
        const char *base = tree ? strrchr(tree, '/') + 1 : "table", *only = getenv("CONTRACT_ONLY");
        struct contract *c;
        char name[160];

        (void) snprintf(name, sizeof(name), "%s on %.*s", template->driver->name, (int) strcspn(base, "."), base);
        if (only && !strstr(name, only))
                return;
        c = malloc(sizeof(*c));
        if (!c || n_tests == TESTS_MAX)
                abort();
        *c = *template;
        c->tree = tree ? strdup(tree) : NULL;
        c->host.root_fd = -1;
        (void) snprintf(c->machine, sizeof(c->machine), "%.*s", (int) strcspn(base, "."), base);
        tests[n_tests++] = (struct CMUnitTest) {
                .name = strdup(name), .test_func = tree ? test_machine : test_table, .initial_state = c,
                .teardown_func = tree ? after_machine : NULL,
        };
}

static int is_tree(const struct dirent *entry) {
        const char *dot = strrchr(entry->d_name, '.');

        return dot && strcmp(dot, ".tree") == 0;
}

static int add_driver(const char *so, const char *machines) {
        void *handle = dlopen(so, RTLD_NOW | RTLD_LOCAL);
        struct contract template = { .so = so, .driver = handle ? dlsym(handle, GOVERNORD_DRIVER_SYMBOL) : NULL };
        struct dirent **trees;
        int n = scandir(machines, &trees, is_tree, alphasort);

        if (!template.driver || n < 0) {
                (void) fprintf(stderr, "%s\n", template.driver ? machines : dlerror());
                return -1;
        }
        add_test(&template, NULL);
        for (int i = 0; i < n; i++) {
                char path[4096];

                (void) snprintf(path, sizeof(path), "%s/%s", machines, trees[i]->d_name);
                add_test(&template, path);
                free(trees[i]);
        }
        free(trees);
        return 0;
}

int main(int argc, char **argv) {
        mode = argc < 2 ? COMPARE : strcmp(argv[1], "--print") == 0 ? PRINT : strcmp(argv[1], "--print-missing") == 0 ? PRINT_MISSING : COMPARE;
        argv += mode != COMPARE;
        argc -= mode != COMPARE;
        if (argc < 4) {
                (void) fprintf(stderr, "Usage: test-driver-contract [--print | --print-missing] MACHINES-DIR EXPECTED-FILE DRIVER.so...\n");
                return 2;
        }
        expected_file = argv[2];
        for (int i = 3; i < argc; i++)
                if (add_driver(argv[i], argv[1]) < 0)
                        return 1;
        return _cmocka_run_group_tests("driver contract", tests, n_tests, NULL, NULL);
}
