/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl governor: lists and loads governors; governor-build.c builds one. The service determines whether a governor suits this
 * machine. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/manager.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command.h"
#include "tools/ctl/governor-build.h"

static enum style governor_style(const struct rows *rows, size_t row) {
        if (strcmp(rows_get(rows, row, "loaded"), "true") == 0)
                return STYLE_GOOD;
        return strcmp(rows_get(rows, row, "fits"), "true") == 0 ? STYLE_NONE : STYLE_DIM;
}

static int list(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, "ListGovernors", NULL, &governor_columns, &rows);

        return r == CLI_OK ? cli_print(cli, &rows, "No governors.", governor_style) : r;
}

/* `name` "" means the best governor. The name of the loaded governor is read from the properties after the call. */
static int load(struct cli *cli, const char *name) {
        _cleanup_(manager_free) struct manager m = {};
        struct json j = { .f = stdout };
        int r;

        cli->subject = name;
        r = cli_manager(cli, "LoadGovernor", NULL, "s", name);

        if (r == CLI_OK && (cli->json || cli->tty))
                r = cli_get_manager(cli, &m);
        if (r != CLI_OK)
                return r;
        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "governor", m.governor);
                json_close(&j, '}');
        } else if (cli->tty) {
                (void) fputs("Loaded: ", stdout);
                clean_print(stdout, m.governor, false);
                (void) fputc('\n', stdout);
        }
        return CLI_OK;
}

int command_governor(struct cli *cli) {
        const char *what = cli_word(cli, 0), *word = cli_word(cli, 1), *best = option_value(&cli->options, 'B');
        bool builds = strcmp(what, "build") == 0, loads = strcmp(what, "load") == 0;

        if (!builds && (option_value(&cli->options, 'O') || option_value(&cli->options, 'I')))
                return cli_usage_error(cli, "--output and --include are for build");
        if (!loads && best)
                return cli_usage_error(cli, "--best is for load");
        if (builds && word)
                return governor_build(cli, word);
        if (loads && !word != !best && (best || word[0]))
                return load(cli, best ? "" : word);
        if (strcmp(what, "list") == 0 && !word)
                return list(cli);
        return cli_usage_error(cli, builds ? "build: give one file" :
                                    loads  ? "load: give a name or --best" :
                                             "governor: give one of list, build and load");
}
