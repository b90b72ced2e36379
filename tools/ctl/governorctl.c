/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl: the command line tool of governord, and powerprofilesctl if called by that name. It is a client on the bus; it does not
 * access hardware and needs no privileges. */

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "build-config.h"
#include "tools/common/names.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command-help.h"
#include "tools/ctl/commands.h"
#include "tools/ppd/powerprofilesctl.h"

#define OPTIONS_FIRST OPTIONS_GLOBAL "V"

static int unknown_command(struct cli *cli, const char *name) {
        _cleanup_free_ char *names = names_quietly(cli, NAMES_COMMANDS);
        char text[SUGGEST_MAX];

        (void) fprintf(stderr, "%s: unknown command: ", cli->program);
        clean_print(stderr, name, false);
        (void) fputs(suggest(text, name, names), stderr);
        (void) fprintf(stderr, "\nFor a list of commands see: %s help\n", cli->program);
        return CLI_USAGE;
}

/* Returns COLUMNS, which tests and scripts set, otherwise the width of the terminal, or 80 if that is unknown. */
static size_t terminal_width(void) {
        const char *columns = getenv("COLUMNS");
        struct winsize size = {};
        uint32_t width;

        if (columns && parse_u32(columns, &width) >= 0 && width > 0)
                return width;
        return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) >= 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void choose_output(struct cli *cli) {
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

        cli->json = option_value(&cli->options, 'j');
        cli->tty = isatty(STDOUT_FILENO) && !cli->json;
        cli->width = option_value(&cli->options, 'v') ? SIZE_MAX : terminal_width();
        cli->color = cli->tty && !option_value(&cli->options, 'n') && !(no_color && no_color[0]) &&
                     !(term && strcmp(term, "dumb") == 0);
}

static int check_words(struct cli *cli) {
        const struct command *c = cli->command;

        if (cli->options.n_words < c->min)
                return cli_usage_error(cli, "%s: an argument is missing", c->name);
        if (c->max >= 0 && cli->options.n_words > c->max)
                return cli_usage_error(cli, "%s: too many arguments", c->name);
        return CLI_OK;
}

static int run(struct cli *cli) {
        int r = check_words(cli);

        if (r != CLI_OK)
                return r;
        choose_output(cli);
        r = cli->command->run(cli);
        cli->bus = sd_bus_flush_close_unref(cli->bus);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                (void) fprintf(stderr, "%s: cannot write the output\n", cli->program);
                return r == CLI_OK ? CLI_FAILED : r;
        }
        return r;
}

static int refused_option(const struct cli *cli) {
        const char *word = cli->options.refused, *separator = "These commands accept it: ";

        (void) fprintf(stderr, "%s: the command \"%s\" does not accept the option %s\n", cli->program, cli->command->name, word);
        for (size_t i = 0; i < cli->commands->n; i++)
                if (options_allow(word, cli->commands->items[i].options)) {
                        (void) fprintf(stderr, "%s%s", separator, cli->commands->items[i].name);
                        separator = ", ";
                }
        (void) fputc('\n', stderr);
        return CLI_USAGE;
}

/* Options of a command may also precede it. */
static int parse(struct cli *cli, int argc, char **argv) {
        char allowed[64];
        int r;

        (void) snprintf(allowed, sizeof(allowed), "%s%s", OPTIONS_FIRST, cli->command->options);
        r = options_parse(&cli->options, cli->program, allowed, true, argc, argv);
        if (r >= 0 && cli->options.n_words > 0)
                r = options_parse(&cli->options, cli->program, allowed, cli->command->until_word, cli->options.n_words - 1,
                                  cli->options.words + 1);
        if (r == -EOPNOTSUPP)
                return refused_option(cli);
        return r < 0 ? CLI_USAGE : CLI_OK;
}

static int governorctl(int argc, char **argv) {
        struct cli cli = { .program = "governorctl", .commands = &commands };
        const char *name = options_first_word(argc - 1, argv + 1);
        int r;

        cli.command = cli_find_command(&cli, name ? name : "status");
        if (!cli.command)
                return unknown_command(&cli, name);
        r = parse(&cli, argc - 1, argv + 1);
        if (r != CLI_OK)
                return r;
        if (option_value(&cli.options, 'V')) {
                (void) printf("governorctl %s\n", GOVERNORD_VERSION);
                return CLI_OK;
        }
        if (option_value(&cli.options, 'h')) {
                help_print(&cli, name ? cli.command : NULL);
                return CLI_OK;
        }
        return run(&cli);
}

int main(int argc, char **argv) {
        const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;

        if (argc < 1)
                return CLI_USAGE;
        name = name ? name + 1 : argv[0];
        (void) setlocale(LC_TIME, "");
        return strcmp(name, "powerprofilesctl") == 0 ? powerprofilesctl(argc, argv) : governorctl(argc, argv);
}
