/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions for all commands of governorctl: access to arguments, usage errors, and printing of rows. */

#include "tools/common/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const struct command *cli_find_command(const struct cli *cli, const char *name) {
        for (size_t i = 0; i < cli->commands->n; i++)
                if (strcmp(cli->commands->items[i].name, name) == 0)
                        return &cli->commands->items[i];
        return NULL;
}

const char *cli_word(const struct cli *cli, int i) {
        return i < cli->options.n_words ? cli->options.words[i] : NULL;
}

int cli_usage_error(const struct cli *cli, const char *format, ...) {
        va_list args;

        (void) fprintf(stderr, "%s: ", cli->program);
        va_start(args, format);
        (void) vfprintf(stderr, format, args);
        va_end(args);
        (void) fprintf(stderr, "\nUsage: %s %s %s\n", cli->program, cli->command->name, cli->command->words);
        return CLI_USAGE;
}

int cli_print(struct cli *cli, const struct rows *rows, const char *empty, enum style (*style)(const struct rows *, size_t)) {
        struct json j = { .f = stdout };

        if (cli->json)
                rows_json(rows, &j, NULL);
        else if (!cli->tty)
                rows_plain(rows, stdout, NULL);
        else if (rows->n == 0)
                (void) printf("%s\n", empty);
        else
                rows_table(rows, stdout, 0, cli->width, cli->color, style);
        return CLI_OK;
}
