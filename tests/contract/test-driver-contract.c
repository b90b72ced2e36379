/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests that drivers keep the promises of the ABI, with every driver on every simulated machine.
 *
 *     test-driver-contract [--print | --print-missing] MACHINES EXPECTED DRIVER.so...
 *     test-driver-contract --absent MACHINES DRIVER.so...
 *
 * MACHINES is a folder with .tree files, or one such file. There is one test for the table of each driver, and one for each driver
 * and machine. EXPECTED is the file with the instances that drivers must find. With --print, its lines are printed instead of
 * compared; with --print-missing, only lines that are missing or different; all other checks are done. If EXPECTED is "-", at least
 * one machine must have the hardware; with --absent, no machine may have it. CONTRACT_ONLY=TEXT runs only the tests whose names
 * contain TEXT. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/contract/contract.h"

#define TESTS_MAX 1024

static const char *expected_file;
static enum { COMPARE, PRINT, PRINT_MISSING, ABSENT, N_MODES } mode;
static const char *const mode_names[N_MODES] = { "", "--print", "--print-missing", "--absent" };
static char **trees;
static size_t n_trees;

static void test_table(void **state) {
        struct contract *c = *state;
        const char *base = strrchr(c->so, '/'), *symbol;
        char name[64];
        unsigned n;

        (void) snprintf(name, sizeof(name), "%s", base ? base + 1 : c->so);
        contract_check(c, strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".so") == 0,
                       "the name of its file, %s, does not end with .so", c->so);
        name[strlen(name) - 3] = '\0';
        check_table(c, name);
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

/* Probes a second time while the first state exists: the two must not influence each other. */
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
        check_originals(c);
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
        contract_check(c, r < 0 || mode != ABSENT, "probe() finds its hardware, and --absent says that it is not there");
        check_expectation(c, r);
        if (r == 0) {
                ++*c->found;
                check_all(c);
                c->driver->remove(c->state);
        }
        contract_check(c, contract_count_fds() == fds, "%d descriptors are left open", (int) (contract_count_fds() - fds));
        contract_check(c, contract_snapshot(c) == before, "files are not as they were");
}

/* With a wrong path in probe(), all other checks would pass. */
static void test_found(void **state) {
        struct contract *c = *state;

        contract_check(c, *c->found > 0, "probe() finds its hardware on none of them (--absent if that is right)");
}

static int after_machine(void **state) {
        contract_teardown(*state);
        return 0;
}

/* ---- the list of tests ---- */

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;

static void add(const struct contract *template, const char *tree, const char *machine, CMUnitTestFunction function) {
        const char *only = getenv("CONTRACT_ONLY");
        struct contract *c;
        char name[160];

        (void) snprintf(name, sizeof(name), "%s on %s", template->driver->name, machine);
        if (only && !strstr(name, only))
                return;
        c = malloc(sizeof(*c));
        if (!c || n_tests == TESTS_MAX)
                abort();
        *c = *template;
        c->tree = tree;
        c->host.root_fd = -1;
        (void) snprintf(c->machine, sizeof(c->machine), "%s", machine);
        tests[n_tests++] = (struct CMUnitTest){
                .name = strdup(name),
                .test_func = function,
                .initial_state = c,
                .teardown_func = tree ? after_machine : NULL,
        };
}

static void add_machine(const struct contract *template, const char *tree) {
        const char *slash = strrchr(tree, '/');
        char machine[64];

        (void) snprintf(machine, sizeof(machine), "%s", slash ? slash + 1 : tree);
        machine[strcspn(machine, ".")] = '\0';
        add(template, tree, machine, test_machine);
}

static int add_driver(const char *file) {
        char *so = NULL;
        void *handle = asprintf(&so, "%s%s", strchr(file, '/') ? "" : "./", file) < 0 ? NULL : dlopen(so, RTLD_NOW | RTLD_LOCAL);
        struct contract template = { .so = so, .driver = handle ? dlsym(handle, GOVERNORD_DRIVER_SYMBOL) : NULL };

        if (!template.driver) {
                (void) fprintf(stderr, "This is no driver: %s\n", dlerror());
                free(so);
                return -1;
        }
        template.found = calloc(1, sizeof(unsigned));
        add(&template, NULL, "table", test_table);
        for (size_t i = 0; i < n_trees; i++)
                add_machine(&template, trees[i]);
        if (mode == COMPARE && strcmp(expected_file, "-") == 0)
                add(&template, NULL, "any machine", test_found);
        return 0;
}

/* ---- the command line ---- */

static int is_tree(const struct dirent *entry) {
        const char *dot = strrchr(entry->d_name, '.');

        return dot && strcmp(dot, ".tree") == 0;
}

static int list_folder(const char *folder) {
        struct dirent **entries;
        int n = scandir(folder, &entries, is_tree, alphasort);

        if (n <= 0) {
                (void) fprintf(stderr, "%s: %s\n", folder,
                               n < 0 ? strerror(errno) : "the folder has no .tree file, so there is no machine to try a driver on");
                return -1;
        }
        trees = calloc((size_t) n, sizeof(*trees));
        for (int i = 0; i < n; i++) {
                if (trees && asprintf(&trees[i], "%s/%s", folder, entries[i]->d_name) >= 0)
                        n_trees++;
                free(entries[i]);
        }
        free(entries);
        return n_trees == (size_t) n ? 0 : -1;
}

static int list_machines(char *machines) {
        static char *one[1];
        size_t length = strlen(machines);
        struct stat st;

        if (length == 0 || stat(machines, &st) < 0) {
                (void) fprintf(stderr, "%s: %s\n", length ? machines : "MACHINES is empty",
                               length ? strerror(errno) : "name a folder with .tree files, or one such file");
                return -1;
        }
        if (S_ISDIR(st.st_mode))
                return list_folder(machines);
        if (length < 5 || strcmp(machines + length - 5, ".tree") != 0) {
                (void) fprintf(stderr, "%s: neither a folder nor a .tree file\n", machines);
                return -1;
        }
        one[0] = machines;
        trees = one;
        n_trees = 1;
        return 0;
}

static int check_expected_file(void) {
        if (strcmp(expected_file, "-") == 0 || access(expected_file, R_OK) == 0)
                return 0;
        (void) fprintf(stderr, "%s: %s (\"-\" if there is no list of what drivers should find)\n", expected_file, strerror(errno));
        return -1;
}

static int usage(void) {
        (void) fprintf(stderr, "Usage: test-driver-contract [--print | --print-missing] MACHINES EXPECTED DRIVER.so...\n"
                               "       test-driver-contract --absent MACHINES DRIVER.so...\n"
                               "MACHINES is a folder with .tree files or one such file, EXPECTED a file or \"-\".\n");
        return 2;
}

int main(int argc, char **argv) {
        int first;

        for (unsigned i = PRINT; argc > 1 && i < N_MODES; i++)
                if (strcmp(argv[1], mode_names[i]) == 0)
                        mode = i;
        argv += mode != COMPARE;
        argc -= mode != COMPARE;
        first = mode == ABSENT ? 2 : 3;
        if (argc <= first || strncmp(argv[1], "--", 2) == 0)
                return usage();
        expected_file = mode == ABSENT ? "-" : argv[2];
        if (list_machines(argv[1]) < 0 || check_expected_file() < 0)
                return 2;
        for (int i = first; i < argc; i++)
                if (add_driver(argv[i]) < 0)
                        return 2;
        if (n_tests == 0) {
                (void) fprintf(stderr, "CONTRACT_ONLY=%s: no test has that in its name\n", getenv("CONTRACT_ONLY"));
                return 2;
        }
        return _cmocka_run_group_tests("driver contract", tests, n_tests, NULL, NULL);
}
