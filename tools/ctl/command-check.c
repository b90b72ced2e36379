/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl check: reports problems of the service, for monitoring. Exit status and first line have the form of a Nagios plugin. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/bus.h"
#include "tools/common/columns.h"
#include "tools/common/fold.h"
#include "tools/common/manager.h"
#include "tools/common/session-list.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"
#include "tools/ctl/request.h"

/* The exit statuses of Nagios plugins. A finding with CHECK_OK is a notice: -v and --json show it, but it does not affect the exit
 * status. */
enum severity { CHECK_OK = 0, CHECK_WARNING = 1, CHECK_CRITICAL = 2, CHECK_UNKNOWN = 3 };

static const char *const severities[] = { "ok", "warning", "critical", "unknown" };

struct finding {
        enum severity severity;
        char *kind, *text;
};

struct findings {
        struct finding *items;
        size_t n;
        char profile[128];
};

static void findings_done(struct findings *findings) {
        for (size_t i = 0; i < findings->n; i++) {
                free(findings->items[i].kind);
                free(findings->items[i].text);
        }
        free(findings->items);
}

static void found(struct findings *findings, enum severity severity, const char *kind, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
static void found(struct findings *findings, enum severity severity, const char *kind, const char *format, ...) {
        va_list args;

        findings->items = must(reallocarray(findings->items, findings->n + 1, sizeof(*findings->items)));
        va_start(args, format);
        findings->items[findings->n++] = (struct finding){ severity, xstrdup(kind), xvasprintf(format, args) };
        va_end(args);
}

static void check_manager(const struct manager *m, struct findings *findings) {
        _cleanup_free_ char *copy = xstrdup(m->degraded);
        char *rest = copy;

        (void) snprintf(findings->profile, sizeof(findings->profile), "%s", m->active);
        if (!m->active[0])
                found(findings, CHECK_CRITICAL, "profile", "no profile is in force");
        for (char *word; (word = strsep(&rest, ", "));)
                if (word[0] && strcmp(word, "knobs-failed") != 0) /* failed knobs are reported one by one */
                        found(findings, CHECK_WARNING, word, "%s%s%s", word, degraded_text(word)[0] ? ": " : "",
                              degraded_text(word));
        /* only a notice, since one configuration may be used on many kinds of machines */
        for (size_t i = 0; i < m->without_effect.n; i++)
                found(findings, CHECK_OK, "without-effect", "%s has no effect here: %s", rows_get(&m->without_effect, i, "where"),
                      rows_get(&m->without_effect, i, "why"));
}

static bool is_lost(const struct rows *rows, size_t row, const void *userdata) {
        const char *state = rows_get(rows, row, "state");

        (void) userdata;
        return strcmp(state, "failed") == 0 || strcmp(state, "yielded") == 0;
}

/* Returns true for an upper frequency limit that is below the highest possible value, although governord has not set it. */
static bool is_foreign_limit(const struct rows *rows, size_t row, const void *userdata) {
        const char *dots = strstr(rows_get(rows, row, "range"), "..");
        int64_t now = 0, highest = 0;

        (void) userdata;
        return strcmp(rows_get(rows, row, "knob"), "max-freq") == 0 && strcmp(rows_get(rows, row, "state"), "untouched") == 0 &&
               dots && parse_i64(dots + 2, &highest) >= 0 && parse_i64(rows_get(rows, row, "now"), &now) >= 0 && now < highest;
}

/* Values that are unknown, or hidden from this user, are left out. */
static char *describe_lost(const struct rows *rows, size_t row) {
        const char *label = rows_get(rows, row, "label"), *wanted = rows_get(rows, row, "wanted"),
                   *now = rows_get(rows, row, "now");
        const char *message = rows_get(rows, row, "message");

        if (!message[0] && !wanted[0] && !now[0])
                message = rows_get(rows, row, "state");
        return xasprintf("%s %s%s%s%s%s%s%s%s%s", rows_get(rows, row, "domain"), rows_get(rows, row, "knob"), label[0] ? " " : "",
                         label, wanted[0] ? ": wanted " : "", wanted, now[0] ? wanted[0] ? ", is " : ": is " : "", now,
                         message[0] ? ": " : "", message);
}

static int check_knobs(struct cli *cli, struct failure *failure, struct findings *findings) {
        _cleanup_(rows_free) struct rows lost = {}, limits = {};
        int r = bus_ask_rows(cli, failure, "ListKnobs", "", &knob_columns, &lost);

        if (r == CLI_OK)
                r = bus_ask_rows(cli, failure, "ListKnobs", "", &knob_columns, &limits);
        if (r != CLI_OK)
                return r;
        rows_filter(&lost, is_lost, NULL);
        rows_filter(&limits, is_foreign_limit, NULL);
        fold_domains(&lost);
        fold_domains(&limits);
        for (size_t i = 0; i < lost.n; i++) {
                _cleanup_free_ char *text = describe_lost(&lost, i);

                found(findings, CHECK_WARNING, rows_get(&lost, i, "state"), "%s", text);
        }
        for (size_t i = 0; i < limits.n; i++)
                found(findings, CHECK_WARNING, "foreign-limit",
                      "%s %s: limited to %s %s (%s) by another program, the kernel or the firmware", rows_get(&limits, i, "domain"),
                      rows_get(&limits, i, "knob"), rows_get(&limits, i, "now"), rows_get(&limits, i, "unit"),
                      rows_get(&limits, i, "range"));
        return CLI_OK;
}

static int check_drivers(struct cli *cli, struct failure *failure, struct findings *findings) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = bus_ask_rows(cli, failure, "ListDrivers", NULL, &driver_columns, &rows);

        for (size_t i = 0; r == CLI_OK && i < rows.n; i++)
                if (strcmp(rows_get(&rows, i, "state"), "refused") == 0)
                        found(findings, CHECK_WARNING, "driver", "driver %s was refused: %s", rows_get(&rows, i, "name"),
                              rows_get(&rows, i, "note"));
        return r;
}

/* Reports a session with invalid records, or one that is late at the highest level. Sessions of users other than root cause only
 * notices, since these users must not be able to raise an alarm. */
static void check_session(const struct session *s, struct findings *findings) {
        enum severity severity = s->uid == 0 ? CHECK_WARNING : CHECK_OK;
        char estimate[32], target[32], raw[2][16];

        if (s->invalid > 0)
                found(findings, severity, "session",
                      "session %" PRIu32 " (%s, pid %" PRIu32 ", user %" PRIu32 ") sent %" PRIu64 " invalid records", s->cookie,
                      s->application, s->pid, s->uid, s->invalid);
        if (!s->active || s->slack_us >= 0 || s->level < LEVEL_MAX)
                return;
        (void) snprintf(raw[0], sizeof(raw[0]), "%" PRIu32, s->estimate_us);
        (void) snprintf(raw[1], sizeof(raw[1]), "%" PRIu32, s->target_us);
        found(findings, severity, "session",
              "session %" PRIu32 " (%s, pid %" PRIu32 ", user %" PRIu32
              ") misses its target at the highest level: %s instead of %s",
              s->cookie, s->application, s->pid, s->uid, show_time_us(raw[0], estimate, sizeof(estimate)),
              show_time_us(raw[1], target, sizeof(target)));
}

static int check_sessions(struct cli *cli, struct failure *failure, struct findings *findings) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(session_list_free) struct session_list list = {};
        int r = bus_ask(cli, failure, MANAGER_PATH, OBJECTS_INTERFACE, "GetManagedObjects", &m, "");

        if (r == CLI_OK && session_list_read(m, &list) < 0)
                r = CLI_FAILED;
        for (size_t i = 0; r == CLI_OK && i < list.n; i++)
                check_session(&list.items[i], findings);
        return r;
}

static int look(struct cli *cli, struct failure *failure, struct findings *findings) {
        _cleanup_(manager_free) struct manager m = {};
        int r = manager_ask(cli, failure, &m);

        if (r != CLI_OK)
                return r;
        check_manager(&m, findings);
        r = check_knobs(cli, failure, findings);
        if (r == CLI_OK)
                r = check_drivers(cli, failure, findings);
        return r == CLI_OK ? check_sessions(cli, failure, findings) : r;
}

static enum severity worst_of(const struct findings *findings) {
        enum severity worst = CHECK_OK;

        for (size_t i = 0; i < findings->n; i++)
                worst = MAX(worst, findings->items[i].severity);
        return worst;
}

static const char *severity_of(const struct finding *finding) {
        return finding->severity == CHECK_OK ? "notice" : severities[finding->severity];
}

static void print_json(const struct findings *findings, enum severity worst) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '{');
        json_string(&j, "status", severities[worst]);
        json_string(&j, "profile", findings->profile);
        json_open(&j, "findings", '[');
        for (size_t i = 0; i < findings->n; i++) {
                json_open(&j, NULL, '{');
                json_string(&j, "severity", severity_of(&findings->items[i]));
                json_string(&j, "kind", findings->items[i].kind);
                json_string(&j, "text", findings->items[i].text);
                json_close(&j, '}');
        }
        json_close(&j, ']');
        json_close(&j, '}');
}

/* Prints one line with the first of the most severe findings, which determine the exit status, since monitoring systems show only the
 * first line. The line must not contain '|', which begins performance data. */
static void print_line(const struct findings *findings, enum severity worst) {
        static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
        _cleanup_free_ char *text = NULL;
        const char *first = "";
        size_t n_bad = 0;

        for (size_t i = findings->n; i-- > 0;) {
                n_bad += findings->items[i].severity != CHECK_OK;
                first = findings->items[i].severity == worst ? findings->items[i].text : first;
        }
        if (findings->n == 0)
                text = xasprintf("profile %s is in force, no setting has failed", findings->profile);
        else if (n_bad == 0)
                text = xasprintf("profile %s is in force, no setting has failed; notices (shown with -v): %zu", findings->profile,
                                 findings->n);
        else
                text = n_bad == 1 ? xstrdup(first) :
                                    xasprintf("%zu findings (shown with -v), the first of severity %s: %s", n_bad,
                                              severities[worst], first);
        for (char *bar; (bar = strchr(text, '|'));)
                *bar = '/';
        (void) printf("governord %s: ", words[worst]);
        clean_print(stdout, text, false);
        (void) fputc('\n', stdout);
}

int command_check(struct cli *cli) {
        _cleanup_(findings_done) struct findings findings = {};
        _cleanup_(failure_done) struct failure failure = {};
        enum gov_bus_error obstacle;
        enum severity worst;
        int r;

        if (cli_word(cli, 0))
                return cli_usage_error(cli, "check has no arguments: it checks the running service.\n"
                                            "To check a file of the configuration: governorctl config check FILE");
        r = look(cli, &failure, &findings);
        obstacle = bus_obstacle(&failure.error);
        if (r == CLI_ABSENT && cli->bus)
                found(&findings, CHECK_CRITICAL, "service", "%s: systemctl status governord",
                      obstacle != GOV_BUS_ERROR_OF_SERVICE ? gov_bus_error_text(obstacle) : "governord does not answer");
        else if (r != CLI_OK)
                found(&findings, CHECK_UNKNOWN, "service", "%s",
                      !cli->bus ? "the system bus cannot be reached" :
                      failure.error.message ?
                                  failure.error.message :
                                  "the answers of governord have an unknown format: compare the versions in governorctl version");
        worst = worst_of(&findings);
        if (cli->json) {
                print_json(&findings, worst);
                return (int) worst;
        }
        print_line(&findings, worst);
        for (size_t i = 0; option_value(&cli->options, 'v') && i < findings.n; i++) {
                (void) printf("%s: ", severity_of(&findings.items[i]));
                clean_print(stdout, findings.items[i].text, false);
                (void) fputc('\n', stdout);
        }
        return (int) worst;
}
