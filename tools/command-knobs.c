/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl explain, why, knobs, cpus: what the settings are, would be and were. Equal domains are folded for people unless
 * --all is given. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/columns.h"
#include "tools/commands.h"
#include "tools/fold.h"

static int print_folded(struct cli *cli, struct rows *rows, const char *empty, enum style (*style)(const struct rows *, size_t)) {
        if (cli->tty && !option_value(&cli->options, 'a'))
                fold_domains(rows);
        return cli_print(cli, rows, empty, style);
}

/* What would change stands out. */
static enum style explain_style(const struct rows *rows, size_t row) {
        const char *then = rows_get(rows, row, "then");

        if (then[0] == '\0')
                return STYLE_DIM;
        return strcmp(then, rows_get(rows, row, "now")) == 0 ? STYLE_NONE : STYLE_GOOD;
}

int command_explain(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "Explain", cli_word(cli, 0), &explain_columns, &rows);

        return r == CLI_OK ? print_folded(cli, &rows, "It would change nothing: there are no settings.", explain_style) : r;
}

/* Folds only changes of the same moment: the time is one of the columns that must be equal as shown. */
int command_why(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        const char *domain = cli_word(cli, 0);
        int r = cli_rows(cli, "Why", domain ? domain : "", &why_columns, &rows);

        return r == CLI_OK ? print_folded(cli, &rows, "Nothing was changed.", NULL) : r;
}

static enum style knob_style(const struct rows *rows, size_t row) {
        static const struct {
                const char *state;
                enum style style;
        } styles[] = { { "failed", STYLE_BAD }, { "yielded", STYLE_WARN }, { "sensor", STYLE_DIM }, { "read-only", STYLE_DIM } };
        const char *state = rows_get(rows, row, "state");

        for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
                if (strcmp(styles[i].state, state) == 0)
                        return styles[i].style;
        return STYLE_NONE;
}

int command_knobs(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        const char *domain = cli_word(cli, 0);
        int r = cli_rows(cli, "ListKnobs", domain ? domain : "", &knob_columns, &rows);

        return r == CLI_OK ? print_folded(cli, &rows, "There are no settings here.", knob_style) : r;
}

static enum style cpu_style(const struct rows *rows, size_t row) {
        return strcmp(rows_get(rows, row, "online"), "true") == 0 ? STYLE_NONE : STYLE_DIM;
}

int command_cpus(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "ListCpus", NULL, &cpu_columns, &rows);

        return r == CLI_OK ? cli_print(cli, &rows, "No CPUs are known.", cpu_style) : r;
}
