/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "tools/common/json.h"
#include "tools/common/options.h"
#include "tools/common/rows.h"

/* Exit statuses of governorctl, documented in its man page. */
enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_ABSENT = 3 };

struct cli {
        const char *program;
        const struct commands *commands; /* all commands of the program */
        const struct command *command;   /* the command that runs */
        struct options options;
        sd_bus *bus; /* from the first call on */
        bool json;
        bool tty; /* true: tables and sentences for users; false: plain lines */
        bool color;
        size_t width;        /* of the terminal; SIZE_MAX: no limit */
        const char *subject; /* the argument that a call is about, for "did you mean"; NULL: none */
};

/* One row of the list of commands. `run` and all cli_* functions return an exit status, and have reported any failure. */
struct command {
        const char *name;
        int (*run)(struct cli *cli);
        const char *words; /* the arguments in the synopsis */
        int min, max;      /* number of arguments; max -1: any */
        const char *options;
        bool until_word; /* everything behind the first argument belongs to a command to be run */
        const char *summary;
        const char *details; /* NULL: the summary is sufficient */
};

struct commands {
        const struct command *items;
        size_t n;
};

/* NULL: there is no command of that name. */
const struct command *cli_find_command(const struct cli *cli, const char *name);
/* Word number i of the command, or NULL. */
const char *cli_word(const struct cli *cli, int i);
int cli_usage_error(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints rows in the chosen format: JSON (as the whole document), plain lines, or a table. If there are none, `empty` is printed
 * instead of a table. */
int cli_print(struct cli *cli, const struct rows *rows, const char *empty, enum style (*style)(const struct rows *, size_t));

#endif
