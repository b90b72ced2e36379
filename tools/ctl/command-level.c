/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl level: sets the persistent range of levels of a domain, and shows the ranges in force. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/domains.h"
#include "tools/common/names.h"
#include "tools/common/report.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"
#include "tools/ctl/request.h"

/* Kinds of domains, and the column of a CPU's row that has the number of its domain of this kind. */
static const struct {
        const char *prefix, *column;
} kinds[] = { { "cpu", "cpu" }, { "policy", "policy" }, { "package", "package" } };

static bool in_domain(const struct rows *rows, size_t row, const void *userdata) {
        const char *domain = userdata;

        if (!domain || strcmp(domain, "node") == 0)
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                size_t n = strlen(kinds[i].prefix);

                if (strncmp(domain, kinds[i].prefix, n) == 0 && strcmp(domain + n, rows_get(rows, row, kinds[i].column)) == 0)
                        return true;
        }
        return false;
}

static bool is_level(const struct rows *rows, size_t row, const void *userdata) {
        const char *kind = rows_get(rows, row, "kind"), *domain = userdata;

        if (domain && strcmp(domain, rows_get(rows, row, "domain")) != 0)
                return false;
        return strcmp(kind, "floor") == 0 || strcmp(kind, "ceiling") == 0;
}

static bool is_next_cpu(const struct rows *cpus, size_t i) {
        uint32_t cpu, before;

        return parse_u32(rows_get(cpus, i, "cpu"), &cpu) == 0 && parse_u32(rows_get(cpus, i - 1, "cpu"), &before) == 0 &&
               cpu == before + 1;
}

/* Prints one row for consecutive CPUs with the same range: "0-7 0 1024". */
static void print_ranges(const struct cli *cli, const struct rows *cpus) {
        static const char *const headings[] = { "CPUS", "FLOOR", "CEILING" };
        _cleanup_(table_free) struct table table = { .n_columns = ARRAY_SIZE(headings) };
        char name[64];

        table_add(&table, headings, STYLE_HEAD);
        for (size_t i = 0, end; i < cpus->n; i = end) {
                const char *cells[] = { name, rows_get(cpus, i, "floor"), rows_get(cpus, i, "ceiling") };

                for (end = i + 1; end < cpus->n && is_next_cpu(cpus, end) && strcmp(cells[1], rows_get(cpus, end, "floor")) == 0 &&
                                  strcmp(cells[2], rows_get(cpus, end, "ceiling")) == 0;)
                        end++;
                (void) snprintf(name, sizeof(name), end - i > 1 ? "%s-%s" : "%s", rows_get(cpus, i, "cpu"),
                                rows_get(cpus, end - 1, "cpu"));
                table_add(&table, cells, STYLE_NONE);
        }
        table_print(&table, stdout, 0, cli->color);
}

static void print_json(const struct rows *cpus, const struct rows *requests) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '{');
        json_open(&j, "cpus", '[');
        for (size_t i = 0; i < cpus->n; i++) {
                json_open(&j, NULL, '{');
                json_raw(&j, "cpu", rows_get(cpus, i, "cpu"));
                json_raw(&j, "floor", rows_get(cpus, i, "floor"));
                json_raw(&j, "ceiling", rows_get(cpus, i, "ceiling"));
                json_close(&j, '}');
        }
        json_close(&j, ']');
        rows_json(requests, &j, "requests");
        json_close(&j, '}');
}

static void print_plain(const struct rows *cpus, const struct rows *requests) {
        static const char *const keys[] = { "cpu", "floor", "ceiling" };

        for (size_t i = 0; i < cpus->n; i++) {
                (void) fputs("range", stdout);
                for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
                        plain_pair(stdout, false, keys[k], rows_get(cpus, i, keys[k]));
                (void) fputc('\n', stdout);
        }
        rows_plain(requests, stdout, "request");
}

/* Returns the kind of the domain if domains of this kind have no CPUs, whose ranges could be shown, or NULL. */
static const char *kind_without_cpus(const char *domain) {
        static const struct { const char *prefix, *words; } without[] = { { "gpu", "a GPU" }, { "device", "a device" } };

        for (size_t i = 0; i < ARRAY_SIZE(without); i++)
                if (strncmp(domain, without[i].prefix, strlen(without[i].prefix)) == 0)
                        return without[i].words;
        return NULL;
}

static void explain_no_cpus(const char *domain) {
        const char *kind = kind_without_cpus(domain);
        _cleanup_free_ char *name = clean_dup(domain);

        if (!kind) {
                (void) printf("No CPU belongs to %s now. Its settings: governorctl knobs %s\n", name, name);
                return;
        }
        (void) printf("%s is %s, but this command shows only the ranges of CPUs.\n"
                      "To show its settings and limits: governorctl knobs %s\n"
                      "To set its range, if its driver supports levels: governorctl level %s --floor N --ceiling N\n",
                      name, kind, name, name);
}

static void print_people(const struct cli *cli, const char *domain, const struct rows *cpus, const struct rows *requests) {
        if (cpus->n > 0)
                print_ranges(cli, cpus);
        else if (domain)
                explain_no_cpus(domain);
        else
                (void) printf("governord has found no CPU on this machine.\n");
        if (requests->n > 0) {
                (void) printf("\n");
                rows_table(requests, stdout, 0, SIZE_MAX, cli->color, NULL);
        }
}

/* Checks the domain here, since the other calls of show() have no argument that the service could reject. */
static int check_domain(struct cli *cli, const char *domain) {
        _cleanup_(failure_done) struct failure failure = {};
        _cleanup_free_ char *names = NULL;
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = names_get(cli, &failure, NAMES_DOMAINS, &names);
        if (r != CLI_OK)
                return cli_report(cli, failure.member, &failure.error, failure.r);
        if (word_in_list(names, domain))
                return CLI_OK;
        (void) fprintf(stderr, "%s: no domain \"", cli->program);
        clean_print(stderr, domain, false);
        (void) fputs("\" on this machine", stderr);
        domain_guess(cli, domain);
        (void) fputc('\n', stderr);
        domains_advise(cli);
        return CLI_FAILED;
}

static int show(struct cli *cli, const char *domain) {
        _cleanup_(rows_free) struct rows cpus = {}, requests = {};
        int r = domain ? check_domain(cli, domain) : CLI_OK;

        if (r == CLI_OK)
                r = cli_rows(cli, "ListCpus", NULL, &cpu_columns, &cpus);
        if (r == CLI_OK)
                r = cli_rows(cli, "ListRequests", NULL, &request_columns, &requests);
        if (r != CLI_OK)
                return r;
        rows_filter(&cpus, in_domain, domain);
        rows_filter(&requests, is_level, domain);
        if (cli->json)
                print_json(&cpus, &requests);
        else if (cli->tty)
                print_people(cli, domain, &cpus, &requests);
        else
                print_plain(&cpus, &requests);
        return CLI_OK;
}

/* Prints on standard error why the new range has no effect; the service stores the range anyway. */
static void warn_without_effect(struct cli *cli, const char *domain) {
        _cleanup_(rows_free) struct rows requests = {};

        if (cli_rows(cli, "ListRequests", NULL, &request_columns, &requests) != CLI_OK)
                return;
        rows_filter(&requests, is_level, domain);
        for (size_t i = 0; i < requests.n; i++)
                if (strcmp(rows_get(&requests, i, "owner"), "") == 0 && strcmp(rows_get(&requests, i, "effective"), "true") != 0)
                        (void) fprintf(stderr, "The %s of %s is stored, but has no effect at present: %s.\n",
                                       rows_get(&requests, i, "kind"), domain, rows_get(&requests, i, "note"));
}

static int set(struct cli *cli, const char *domain, int floor, int ceiling) {
        struct json j = { .f = stdout };
        int r;

        cli->subject = domain;
        r = cli_manager(cli, "SetLevel", NULL, "sii", domain, floor, ceiling);

        if (r == CLI_OK && cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "domain", domain);
                json_int(&j, "floor", floor);
                json_int(&j, "ceiling", ceiling);
                json_close(&j, '}');
        }
        if (r == CLI_OK && (floor != LEVEL_NONE || ceiling != LEVEL_NONE))
                warn_without_effect(cli, domain);
        return r;
}

/* Parses the arguments [DOMAIN] [N]: no domain begins with a digit or a sign. */
static int take_words(struct cli *cli, const char **ret_domain, int *level) {
        const char *last = cli_word(cli, cli->options.n_words - 1);

        *ret_domain = NULL;
        if (cli->options.n_words == 0)
                return CLI_OK;
        if (cli->options.n_words == 1 && !strchr("0123456789+-.%", last[0])) {
                *ret_domain = last;
                return CLI_OK;
        }
        if (level_parse(last, level) < 0)
                return cli_usage_error(cli, LEVEL_WORDS);
        *ret_domain = cli->options.n_words == 2 ? cli_word(cli, 0) : NULL;
        return CLI_OK;
}

int command_level(struct cli *cli) {
        const char *domain, *automatic = option_value(&cli->options, 'A');
        int level = LEVEL_NONE, floor = LEVEL_NONE, ceiling = LEVEL_NONE;
        int r = take_words(cli, &domain, &level);

        if (r == CLI_OK)
                r = request_levels(cli, &floor, &ceiling);
        if (r != CLI_OK)
                return r;
        if ((level != LEVEL_NONE) + (floor != LEVEL_NONE || ceiling != LEVEL_NONE) + !!automatic > 1)
                return cli_usage_error(cli, "give only one of: a level, --floor and --ceiling, --auto");
        if (level != LEVEL_NONE)
                floor = ceiling = level;
        if (floor == LEVEL_NONE && ceiling == LEVEL_NONE && !automatic)
                return show(cli, domain);
        return set(cli, domain ? domain : "node", floor, ceiling);
}
