/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl explain, why, knobs: the future, former and current values of settings. On a terminal, rows that differ only in their
 * domain are folded into one unless --all is given. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/fold.h"
#include "tools/common/manager.h"
#include "tools/common/names.h"
#include "tools/common/report.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"
#include "tools/ctl/request.h"

static int print_folded(struct cli *cli, struct rows *rows, const char *empty, enum style (*style)(const struct rows *, size_t)) {
        if (cli->tty && !option_value(&cli->options, 'a'))
                fold_domains(rows);
        return cli_print(cli, rows, empty, style);
}

/* Highlights values that would change. */
static enum style explain_style(const struct rows *rows, size_t row) {
        const char *then = rows_get(rows, row, "then");

        if (then[0] == '\0')
                return STYLE_DIM;
        return strcmp(then, rows_get(rows, row, "now")) == 0 ? STYLE_NONE : STYLE_GOOD;
}

/* Without an argument, explains the profile in force. The service accepts levels as numbers only, not as "60%". */
int command_explain(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};
        _cleanup_(rows_free) struct rows rows = {};
        const char *word = cli_word(cli, 0);
        char number[16];
        int level, r;

        if (!word) {
                r = cli_get_manager(cli, &m);
                if (r != CLI_OK)
                        return r;
                word = m.active;
                if (!word[0]) {
                        (void) fputs("governorctl: no profile is in force; name a profile or a level\n", stderr);
                        return CLI_FAILED;
                }
        } else if (word[0] && word[strlen(word) - 1] == '%') {
                if (level_parse(word, &level) < 0)
                        return cli_usage_error(cli, LEVEL_WORDS);
                (void) snprintf(number, sizeof(number), "%d", level);
                word = number;
        }
        cli->subject = word;
        r = cli_rows(cli, "Explain", word, &explain_columns, &rows);
        return r == CLI_OK ? print_folded(cli, &rows, "No setting would change, since there are no settings.", explain_style) : r;
}

static bool is_knob(const struct rows *rows, size_t row, const void *userdata) {
        return strcmp(rows_get(rows, row, "knob"), userdata) == 0;
}

/* Gets the rows for the argument of knobs and why. If the argument is the name of a setting, such as "epp", *ret_knob is set and only
 * its rows are kept; otherwise the service interprets it as a domain, and reports an error for anything else. */
static int rows_of_word(struct cli *cli, const char *member, const struct columns *columns, struct rows *ret,
                        const char **ret_knob) {
        const char *word = cli_word(cli, 0);
        _cleanup_(failure_done) struct failure failure = {};
        _cleanup_free_ char *knobs = NULL;
        bool known;
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = word ? names_get(cli, &failure, NAMES_KNOBS, &knobs) : CLI_OK;
        if (r != CLI_OK)
                return cli_report(cli, failure.member, &failure.error, failure.r);
        known = word && word_in_list(knobs, word);
        cli->subject = word;
        r = cli_rows(cli, member, word && !known ? word : "", columns, ret);
        *ret_knob = known ? word : NULL;
        if (r == CLI_OK && known)
                rows_filter(ret, is_knob, word);
        return r;
}

/* Only changes within the same second are folded, since the time in the form shown is one of the columns compared. */
int command_why(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        const char *knob;
        int r = rows_of_word(cli, "Why", &why_columns, &rows, &knob);

        return r == CLI_OK ? print_folded(cli, &rows, "Nothing was changed.", NULL) : r;
}

static enum style knob_style(const struct rows *rows, size_t row) {
        static const struct {
                const char *state;
                enum style style;
        } styles[] = { { "failed", STYLE_BAD },
                       { "yielded", STYLE_WARN },
                       { "pending", STYLE_WARN },
                       { "sensor", STYLE_DIM },
                       { "read-only", STYLE_DIM } };
        const char *state = rows_get(rows, row, "state");

        for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
                if (strcmp(styles[i].state, state) == 0)
                        return styles[i].style;
        return STYLE_NONE;
}

static bool is_explained(const struct rows *rows, size_t row) {
        for (size_t i = 0; i < row; i++)
                if (strcmp(rows_get(rows, i, "knob"), rows_get(rows, row, "knob")) == 0 &&
                    strcmp(rows_get(rows, i, "driver"), rows_get(rows, row, "driver")) == 0)
                        return true;
        return false;
}

/* Prints "epp (intel): ..." once for each setting of each driver. */
static void print_meanings(const struct rows *rows) {
        for (size_t i = 0; i < rows->n; i++) {
                if (is_explained(rows, i))
                        continue;
                clean_print(stdout, rows_get(rows, i, "knob"), false);
                (void) fputs(" (", stdout);
                clean_print(stdout, rows_get(rows, i, "driver"), false);
                (void) fputs("): ", stdout);
                clean_print(stdout, rows_get(rows, i, "help"), false);
                (void) fputc('\n', stdout);
        }
}

int command_knobs(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        const char *knob;
        int r = rows_of_word(cli, "ListKnobs", &knob_columns, &rows, &knob);

        if (r != CLI_OK)
                return r;
        r = print_folded(cli, &rows, "No settings.", knob_style);
        if (cli->tty && rows.n > 0 && (knob || option_value(&cli->options, 'v'))) {
                (void) fputc('\n', stdout);
                print_meanings(&rows);
        }
        return r;
}
