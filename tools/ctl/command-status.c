/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl status: the state of the service, the causes of this state, and problems. It combines the answers of several calls.
 * If the first call fails, nothing is printed but the error; if another call fails, this is reported, and its part is left out. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/fold.h"
#include "tools/common/manager.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"

struct status {
        struct manager manager;
        struct rows requests, drivers, failed;
};

static void status_free(struct status *s) {
        manager_free(&s->manager);
        rows_free(&s->requests);
        rows_free(&s->drivers);
        rows_free(&s->failed);
}

static bool is_failed(const struct rows *rows, size_t row, const void *userdata) {
        const char *state = rows_get(rows, row, "state");

        (void) userdata;
        return strcmp(state, "failed") == 0 || strcmp(state, "yielded") == 0;
}

/* Returns the highest exit status of all calls. If the first call fails, no further calls are made. */
static int gather_answers(struct cli *cli, struct status *s) {
        int r = cli_get_manager(cli, &s->manager), worst = CLI_OK;

        s->requests.columns = &request_columns;
        s->drivers.columns = &driver_columns;
        s->failed.columns = &knob_columns;
        if (r != CLI_OK)
                return r;
        r = cli_rows(cli, "ListRequests", NULL, &request_columns, &s->requests);
        worst = MAX(worst, r);
        r = cli_rows(cli, "ListDrivers", NULL, &driver_columns, &s->drivers);
        worst = MAX(worst, r);
        r = cli_rows(cli, "ListKnobs", "", &knob_columns, &s->failed);
        if (r == CLI_OK)
                rows_filter(&s->failed, is_failed, NULL);
        return MAX(worst, r);
}

static const struct {
        const char *key;
        size_t offset;
} texts[] = {
        { "profile", offsetof(struct manager, active) },
        { "selected", offsetof(struct manager, selected) },
        { "cause", offsetof(struct manager, cause) },
        { "power_source", offsetof(struct manager, power_source) },
        { "degraded", offsetof(struct manager, degraded) },
        { "version", offsetof(struct manager, version) },
        { "governor", offsetof(struct manager, governor) },
        { "rung", offsetof(struct manager, rung) },
        { "rung_reason", offsetof(struct manager, rung_reason) },
        { "configuration_error", offsetof(struct manager, config_error) },
};

static const char *text_of(const struct manager *m, size_t i) {
        return *(char *const *) (const void *) ((const char *) m + texts[i].offset);
}

static void print_json(const struct status *s) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '{');
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                json_string(&j, texts[i].key, text_of(&s->manager, i));
        if (s->manager.battery < 0)
                json_raw(&j, "battery_percentage", "null");
        else
                json_int(&j, "battery_percentage", s->manager.battery);
        rows_json(&s->requests, &j, "requests");
        rows_json(&s->manager.rules, &j, "rules");
        rows_json(&s->manager.without_effect, &j, "without_effect");
        rows_json(&s->drivers, &j, "drivers");
        rows_json(&s->failed, &j, "failed");
        json_close(&j, '}');
}

static void print_plain(const struct status *s) {
        char battery[16] = "";

        (void) fputs("status", stdout);
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                plain_pair(stdout, false, texts[i].key, text_of(&s->manager, i));
        if (s->manager.battery >= 0)
                (void) snprintf(battery, sizeof(battery), "%" PRId32, s->manager.battery);
        plain_pair(stdout, false, "battery_percentage", battery);
        (void) fputc('\n', stdout);
        rows_plain(&s->requests, stdout, "request");
        rows_plain(&s->manager.rules, stdout, "rule");
        rows_plain(&s->manager.without_effect, stdout, "without-effect");
        rows_plain(&s->drivers, stdout, "driver");
        rows_plain(&s->failed, stdout, "failed");
}

static void line(const char *what, const char *text, const char *more) {
        (void) printf("%12s: ", what);
        clean_print(stdout, text, false);
        if (more[0]) {
                (void) fputs(" (", stdout);
                clean_print(stdout, more, false);
                (void) fputc(')', stdout);
        }
        (void) fputc('\n', stdout);
}

static void print_power(const struct manager *m) {
        char battery[32] = "";

        if (m->battery >= 0)
                (void) snprintf(battery, sizeof(battery), "battery at %" PRId32 " %%", m->battery);
        line("Power", strcmp(m->power_source, "ac") == 0 ? "AC" : m->power_source[0] ? m->power_source : "unknown", battery);
}

/* Prints the governor in use and where it runs, with the reason if it does not run in the kernel. With -v it also prints the rung,
 * with the reason if that was not printed yet. */
static void print_governor(const struct cli *cli, const struct manager *m) {
        _cleanup_free_ char *how = NULL;
        bool user = strcmp(m->rung, "user") == 0, verbose = option_value(&cli->options, 'v');

        if (!m->rung[0])
                return;
        if (strcmp(m->rung, "not-loaded") == 0) {
                line("Governor", m->rung_reason, "");
                return;
        }
        if (user && m->rung_reason[0])
                how = xasprintf("%s, in user space, from the reports of sessions; BPF is not used: %s", rung_text(m->rung),
                                m->rung_reason);
        else
                how = xstrdup(rung_text(m->rung));
        line("Governor", m->governor[0] ? m->governor : "none yet", how);
        if (verbose)
                line("Rung", m->rung, user ? "" : m->rung_reason);
}

static void print_degraded(const struct cli *cli, const char *degraded) {
        _cleanup_free_ char *copy = xstrdup(degraded);
        char *rest = copy;

        for (char *word; (word = strsep(&rest, ", "));)
                if (word[0]) {
                        (void) fputs(style_code(STYLE_WARN, cli->color), stdout);
                        line("Degraded", word, degraded_text(word));
                        (void) fputs(style_code(STYLE_NONE, cli->color), stdout);
                }
}

static enum style driver_style(const struct rows *rows, size_t row) {
        const char *state = rows_get(rows, row, "state");

        return strcmp(state, "loaded") == 0 ? STYLE_NONE : strcmp(state, "refused") == 0 ? STYLE_BAD : STYLE_DIM;
}

static enum style request_style(const struct rows *rows, size_t row) {
        return strcmp(rows_get(rows, row, "effective"), "true") == 0 ? STYLE_NONE : STYLE_DIM;
}

static enum style rule_style(const struct rows *rows, size_t row) {
        return strcmp(rows_get(rows, row, "decides"), "true") == 0 ? STYLE_GOOD : STYLE_NONE;
}

static void print_cell(const char *before, const struct rows *rows, size_t row, const char *key) {
        const char *text = rows_get(rows, row, key);

        if (!text[0])
                return;
        (void) fputs(before, stdout);
        clean_print(stdout, text, false);
}

/* Not a table: the message is a sentence, which is too long for a column. */
static void print_failed(const struct cli *cli, const struct rows *rows) {
        if (rows->n > 0)
                (void) printf("\n%sSettings that failed, or were left to other programs%s\n", style_code(STYLE_HEAD, cli->color),
                              style_code(STYLE_NONE, cli->color));
        for (size_t i = 0; i < rows->n; i++) {
                bool failed = strcmp(rows_get(rows, i, "state"), "failed") == 0;

                (void) fputs(style_code(failed ? STYLE_BAD : STYLE_WARN, cli->color), stdout);
                print_cell("  ", rows, i, "domain");
                print_cell(" ", rows, i, "knob");
                print_cell(" ", rows, i, "label");
                print_cell(", ", rows, i, "state");
                print_cell(": wanted ", rows, i, "wanted");
                print_cell(", is ", rows, i, "now");
                print_cell("\n      ", rows, i, "message");
                (void) printf("%s\n", style_code(STYLE_NONE, cli->color));
        }
}

static void section(const struct cli *cli, const char *title, const struct rows *rows,
                    enum style (*style)(const struct rows *, size_t)) {
        if (rows->n == 0)
                return;
        (void) printf("\n%s%s%s\n", style_code(STYLE_HEAD, cli->color), title, style_code(STYLE_NONE, cli->color));
        rows_table(rows, stdout, 2, SIZE_MAX, cli->color, style);
}

static void print_people(const struct cli *cli, struct status *s) {
        const struct manager *m = &s->manager;
        char cause[160];

        line("Profile", m->active, cause_text(m->cause, cause, sizeof(cause)));
        if (strcmp(m->active, m->selected) != 0)
                line("Selected", m->selected, "in force again when the cause above ends");
        print_power(m);
        print_degraded(cli, m->degraded);
        if (m->config_error[0])
                line("Config error", m->config_error, "");
        line("governord", m->version, "");
        print_governor(cli, m);
        fold_domains(&s->failed);
        print_failed(cli, &s->failed);
        section(cli, "Lines of the configuration that have no effect on this machine", &m->without_effect, NULL);
        section(cli, "Requests", &s->requests, request_style);
        section(cli, "Rules", &m->rules, rule_style);
        section(cli, "Drivers", &s->drivers, driver_style);
}

int command_status(struct cli *cli) {
        _cleanup_(status_free) struct status s = {};
        int r = gather_answers(cli, &s);

        if (!s.manager.active) /* the first call failed */
                return r;
        if (cli->json)
                print_json(&s);
        else if (cli->tty)
                print_people(cli, &s);
        else
                print_plain(&s);
        return r;
}

int command_drivers(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "ListDrivers", NULL, &driver_columns, &rows);

        return r == CLI_OK ? cli_print(cli, &rows, "No drivers.", driver_style) : r;
}

int command_stats(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "GetStatistics", NULL, &counter_columns, &rows);

        return r == CLI_OK ? cli_print(cli, &rows, "No counters.", NULL) : r;
}

int command_holds(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "ListRequests", NULL, &request_columns, &rows);

        return r == CLI_OK ? cli_print(cli, &rows, "No requests.", request_style) : r;
}
