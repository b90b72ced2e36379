/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of names, one per line. The names of commands come from governorctl's own table, and the domain node is always listed; all
 * other names are requested from the service. Nothing is cached. */

#include "tools/common/names.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/columns.h"
#include "tools/common/manager.h"
#include "tools/common/xalloc.h"

/* A growing list, and a tree of its lines to find duplicates. */
struct list {
        FILE *f;
        void *seen;
        struct failure *failure; /* may be NULL */
};

static int compare(const void *a, const void *b) {
        return strcmp(a, b);
}

/* Adds a name, unless it is listed already, empty, or contains blanks, tabs or newlines. */
static void add_name(struct list *list, const char *name) {
        _cleanup_free_ char *copy = xstrdup(name);
        char **found = must(tsearch(copy, &list->seen, compare));

        if (*found != copy)
                return;
        (void) TAKE_PTR(copy);
        if (name[0] && !strpbrk(name, " \t\n"))
                (void) fprintf(list->f, "%s\n", name);
}

static void free_node(void *node) {
        free(node);
}

static int add_profiles(struct cli *cli, struct list *list) {
        _cleanup_(manager_free) struct manager m = {};
        int r = manager_ask(cli, list->failure, &m);

        for (size_t i = 0; r == CLI_OK && i < m.profiles.n; i++)
                add_name(list, rows_get(&m.profiles, i, "name"));
        return r;
}

static int add_rows(struct cli *cli, struct list *list, const char *member, const char *argument, const struct columns *columns,
                    const char *key) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = bus_ask_rows(cli, list->failure, member, argument, columns, &rows);

        for (size_t i = 0; r == CLI_OK && i < rows.n; i++)
                add_name(list, rows_get(&rows, i, key));
        return r;
}

/* Adds the domains of each CPU, whose numbers are in the columns "package", "policy" and "cpu". */
static int add_cpu_domains(struct cli *cli, struct list *list) {
        static const char *const kinds[] = { "package", "policy", "cpu" };
        _cleanup_(rows_free) struct rows cpus = {};
        int r = bus_ask_rows(cli, list->failure, "ListCpus", NULL, &cpu_columns, &cpus);

        for (size_t k = 0; r == CLI_OK && k < ARRAY_SIZE(kinds); k++)
                for (size_t i = 0; i < cpus.n; i++) {
                        const char *number = rows_get(&cpus, i, kinds[k]);
                        char name[32];

                        (void) snprintf(name, sizeof(name), "%s%s", kinds[k], number);
                        if (number[0] && strcmp(number, UNKNOWN_NUMBER) != 0)
                                add_name(list, name);
                }
        return r;
}

static int add_domains(struct cli *cli, struct list *list) {
        int r;

        add_name(list, "node");
        r = add_cpu_domains(cli, list);
        return r == CLI_OK ? add_rows(cli, list, "ListKnobs", "", &knob_columns, "domain") : r;
}

static int add_knobs(struct cli *cli, struct list *list) {
        return add_rows(cli, list, "ListKnobs", "", &knob_columns, "knob");
}

static int add_places(struct cli *cli, struct list *list) {
        int r = add_domains(cli, list);

        return r == CLI_OK ? add_knobs(cli, list) : r;
}

static int add_requests(struct cli *cli, struct list *list) {
        return add_rows(cli, list, "ListRequests", NULL, &request_columns, "cookie");
}

static int add_governors(struct cli *cli, struct list *list) {
        return add_rows(cli, list, "ListGovernors", NULL, &governor_columns, "name");
}

static int add_commands(struct cli *cli, struct list *list) {
        for (size_t i = 0; i < cli->commands->n; i++)
                add_name(list, cli->commands->items[i].name);
        return CLI_OK;
}

static const struct {
        const char *word;
        int (*add)(struct cli *cli, struct list *list);
} kinds[N_NAMES] = {
        [NAMES_PROFILES] = { "profiles", add_profiles }, [NAMES_DOMAINS] = { "domains", add_domains },
        [NAMES_KNOBS] = { "knobs", add_knobs },          [NAMES_PLACES] = { "places", add_places },
        [NAMES_REQUESTS] = { "requests", add_requests }, [NAMES_GOVERNORS] = { "governors", add_governors },
        [NAMES_COMMANDS] = { "commands", add_commands },
};

enum names names_find(const char *word) {
        for (size_t i = 0; i < N_NAMES; i++)
                if (strcmp(kinds[i].word, word) == 0)
                        return (enum names) i;
        return N_NAMES;
}

int names_get(struct cli *cli, struct failure *failure, enum names kind, char **ret) {
        char *text = NULL;
        size_t size = 0;
        struct list list = { .f = must(open_memstream(&text, &size)), .failure = failure };
        int r = kinds[kind].add(cli, &list);

        (void) fclose(list.f);
        tdestroy(list.seen, free_node);
        *ret = must(text);
        return r;
}

char *names_quietly(struct cli *cli, enum names kind) {
        char *names;

        if (names_get(cli, NULL, kind, &names) != CLI_OK)
                names[0] = '\0'; /* a part of the list would look like the whole list */
        return names;
}
