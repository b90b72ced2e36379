/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl reload, dump, version, complete: about the service itself. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "build-config.h"
#include "tools/columns.h"
#include "tools/commands.h"
#include "tools/manager.h"
#include "tools/utf8.h"

int command_reload(struct cli *cli) {
        struct json j = { .f = stdout };
        int r = cli_manager(cli, "Reload", NULL, "");

        if (r == CLI_OK && cli->json) {
                json_open(&j, NULL, '{');
                json_bool(&j, "reloaded", true);
                json_close(&j, '}');
        }
        return r;
}

int command_dump(struct cli *cli) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        struct json j = { .f = stdout };
        const char *text;
        int r = cli_manager(cli, "Dump", &m, "");

        if (r != CLI_OK)
                return r;
        r = sd_bus_message_read(m, "s", &text);
        if (r < 0)
                return cli_report(cli, "Dump", NULL, r);
        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "dump", text);
                json_close(&j, '}');
                return CLI_OK;
        }
        clean_print(stdout, text, true);
        if (text[0] && text[strlen(text) - 1] != '\n')
                (void) fputc('\n', stdout);
        return CLI_OK;
}

/* Of use also when nothing runs: then the service's version is "not running", and the exit status is still 0. */
int command_version(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};
        struct json j = { .f = stdout };
        const char *service;
        int r;

        cli->quiet = true;
        r = manager_get(cli, &m);
        service = r == CLI_OK ? m.version : r == CLI_ABSENT ? "not running" : "unknown";
        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "governorctl", GOVERNORD_VERSION);
                json_string(&j, "governord", service);
                json_close(&j, '}');
                return CLI_OK;
        }
        (void) printf("governorctl: %s\ngovernord: ", GOVERNORD_VERSION);
        clean_print(stdout, service, false);
        (void) fputc('\n', stdout);
        return CLI_OK;
}

static void print_distinct(const struct rows *rows, const char *key) {
        for (size_t i = 0; i < rows->n; i++) {
                const char *text = rows_get(rows, i, key);
                bool seen = false;

                for (size_t k = 0; k < i && !seen; k++)
                        seen = strcmp(rows_get(rows, k, key), text) == 0;
                if (!seen) {
                        clean_print(stdout, text, false);
                        (void) fputc('\n', stdout);
                }
        }
}

static int complete_profiles(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};
        int r = manager_get(cli, &m);

        if (r == CLI_OK)
                print_distinct(&m.profiles, "name");
        return r;
}

static int complete_rows(struct cli *cli, const char *member, const char *argument, const struct columns *columns,
                         const char *key) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_rows(cli, member, argument, columns, &rows);

        if (r == CLI_OK)
                print_distinct(&rows, key);
        return r;
}

int command_complete(struct cli *cli) {
        const char *what = cli_word(cli, 0);

        cli->quiet = true;
        if (strcmp(what, "profiles") == 0)
                return complete_profiles(cli);
        if (strcmp(what, "domains") == 0)
                return complete_rows(cli, "ListKnobs", "", &knob_columns, "domain");
        if (strcmp(what, "requests") == 0)
                return complete_rows(cli, "ListRequests", NULL, &request_columns, "cookie");
        if (strcmp(what, "governors") == 0)
                return complete_rows(cli, "ListGovernors", NULL, &governor_columns, "name");
        if (strcmp(what, "commands") != 0)
                return cli_usage_error(cli, "complete: unknown kind of name");
        for (size_t i = 0; i < n_commands; i++)
                (void) printf("%s\n", commands[i].name);
        return CLI_OK;
}
