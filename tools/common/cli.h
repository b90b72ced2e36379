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
        sd_bus *bus; /* NULL: not connected */
        bool json;
        bool tty; /* true: tables and sentences for users; false: plain lines, or JSON */
        bool color;
        size_t width;        /* available for tables; SIZE_MAX: no limit */
        const char *subject; /* the argument of the current call that "did you mean" refers to; NULL: none */
};

/* A command. `run` returns the exit status of the program; its caller does not report failures. */
struct command {
        const char *name;
        int (*run)(struct cli *cli);
        const char *words;   /* the arguments and options in the usage line */
        int min, max;        /* number of arguments; max -1: any */
        const char *options; /* letters (options.h) of the options that it accepts, besides the global ones */
        bool until_word;     /* options end at the first argument, since all further words belong to a command to be run */
        const char *summary;
        const char *details; /* further sentences of its help; NULL: none */
};

struct commands {
        const struct command *items;
        size_t n;
};

/* Returns NULL if there is no command with this name. */
const struct command *cli_find_command(const struct cli *cli, const char *name);
/* Returns argument number `i` of the command, from 0, or NULL. */
const char *cli_word(const struct cli *cli, int i);
/* Prints a message and the usage of the command. Returns CLI_USAGE. */
int cli_usage_error(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints rows in the chosen format: as a JSON document, plain lines, or a table. If there are no rows, `empty` is printed instead of a
 * table. */
int cli_print(struct cli *cli, const struct rows *rows, const char *empty, enum style (*style)(const struct rows *, size_t));

#endif
