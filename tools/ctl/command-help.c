/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl help: prints the lists of commands and options. */

#include "tools/ctl/command-help.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "tools/common/names.h"
#include "tools/ctl/command.h"

static void print_option(const struct option_fact *fact) {
        char left[48];

        (void) snprintf(left, sizeof(left), "%c%c%c --%s%s%s", fact->brief ? '-' : ' ', fact->brief ? fact->brief : ' ',
                        fact->brief ? ',' : ' ', fact->name, fact->argument ? " " : "", fact->argument ? fact->argument : "");
        (void) printf("  %-26s %s\n", left, fact->help);
}

static void print_options(const char *letters) {
        for (; *letters; letters++)
                print_option(option_find(*letters));
}

static void print_command(const struct command *command) {
        (void) printf("Usage: governorctl %s%s%s\n\n", command->name, command->words[0] ? " " : "", command->words);
        (void) printf("%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
        if (command->details)
                (void) printf("%s\n", command->details);
        (void) printf("\nOptions:\n");
        print_options(command->options);
        print_options(OPTIONS_GLOBAL);
}

void help_print(const struct cli *cli, const struct command *command) {
        if (command) {
                print_command(command);
                return;
        }
        (void) printf(
                "Usage: governorctl [OPTION...] [COMMAND] [...]\n\nQuery and control governord, the power and performance service.\n\n"
                "Commands:\n");
        for (size_t i = 0; i < cli->commands->n; i++)
                (void) printf("  %-10s %s\n", cli->commands->items[i].name, cli->commands->items[i].summary);
        (void) printf("\nOptions:\n");
        print_options(OPTIONS_GLOBAL "V");
        (void) printf("\nSee governorctl help COMMAND, and governorctl(1).\n"
                      "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 governord is not running.\n");
}

int command_help(struct cli *cli) {
        const char *name = cli_word(cli, 0);
        const struct command *command = name ? cli_find_command(cli, name) : NULL;

        if (name && !command) {
                _cleanup_free_ char *names = names_quietly(cli, NAMES_COMMANDS);
                char text[SUGGEST_MAX];

                return cli_usage_error(cli, "there is no command with this name%s", suggest(text, name, names));
        }
        help_print(cli, command);
        return CLI_OK;
}
