/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all commands of governorctl share: the connection, calls, and printing of rows. It never retries and never starts the
 * service by itself (the bus may). */

#include "tools/common/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Time to type a password for polkit, when a person is there to do it; otherwise sd-bus's 25 s. */
#define ASK_USEC (120 * UINT64_C(1000000))

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

int bus_connect(const char *address, sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (!address)
                return sd_bus_open_system(ret);
        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, 1);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                *ret = TAKE_PTR(bus);
        return r;
}

int cli_connect(struct cli *cli) {
        int r;

        if (cli->bus)
                return CLI_OK;
        r = bus_connect(option_value(&cli->options, 'b'), &cli->bus);
        if (r < 0) {
                if (!cli->quiet)
                        (void) fprintf(stderr, "%s: cannot reach the system bus: %s\n", cli->program, strerror(-r));
                return CLI_ABSENT;
        }
        if (isatty(STDIN_FILENO)) {
                (void) sd_bus_set_allow_interactive_authorization(cli->bus, 1);
                (void) sd_bus_set_method_call_timeout(cli->bus, ASK_USEC);
        }
        return CLI_OK;
}

int cli_call(struct cli *cli, const char *path, const char *interface, const char *member, sd_bus_message **ret, const char *types,
             ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        va_list args;
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = sd_bus_message_new_method_call(cli->bus, &call, MANAGER_NAME, path, interface, member);
        if (r >= 0 && types[0]) {
                va_start(args, types);
                r = sd_bus_message_appendv(call, types, args);
                va_end(args);
        }
        if (r >= 0)
                r = sd_bus_call(cli->bus, call, 0, &error, ret);
        return r < 0 ? cli_report(cli, member, &error, r) : CLI_OK;
}

int cli_rows(struct cli *cli, const char *member, const char *argument, const struct columns *columns, struct rows *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = cli_manager(cli, member, &m, argument ? "s" : "", argument);

        if (r != CLI_OK)
                return r;
        r = rows_read(ret, columns, m);
        return r < 0 ? cli_report(cli, member, NULL, r) : CLI_OK;
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
