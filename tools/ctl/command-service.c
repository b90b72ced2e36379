/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl reload, dump, version, complete. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "build-config.h"
#include "tools/common/call.h"
#include "tools/common/manager.h"
#include "tools/common/names.h"
#include "tools/common/report.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command.h"

int command_reload(struct cli *cli) {
        struct json j = { .f = stdout };
        int r = cli_manager(cli, "Reload", NULL, "");

        if (r == CLI_OK && cli->json) {
                json_open(&j, NULL, '{');
                json_bool(&j, "reloaded", true);
                json_close(&j, '}');
        }
        if (r == CLI_OK)
                manager_warn_without_effect(cli, SIZE_MAX);
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

/* If the version of the service cannot be determined, it is "not running" or "unknown"; the exit status is 0 all the same. */
int command_version(struct cli *cli) {
        _cleanup_(failure_done) struct failure failure = {};
        _cleanup_(manager_free) struct manager m = {};
        struct json j = { .f = stdout };
        const char *service;
        enum gov_bus_error obstacle;
        bool absent;
        int r;

        r = manager_ask(cli, &failure, &m);
        obstacle = bus_obstacle(&failure.error);
        absent = obstacle != GOV_BUS_ERROR_SILENT && obstacle != GOV_BUS_ERROR_FORBIDDEN && obstacle != GOV_BUS_ERROR_LIMIT;
        service = r == CLI_OK ? m.version : r == CLI_ABSENT && absent ? "not running" : "unknown";
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

static void print_names(const struct cli *cli, char *names) {
        struct json j = { .f = stdout };

        if (!cli->json) {
                clean_print(stdout, names, true);
                return;
        }
        json_open(&j, NULL, '[');
        for (char *name; (name = strsep(&names, "\n")) && names;)
                json_string(&j, NULL, name);
        json_close(&j, ']');
}

int command_complete(struct cli *cli) {
        enum names kind = names_find(cli_word(cli, 0));
        _cleanup_free_ char *names = NULL;
        int r;

        if (kind == N_NAMES)
                return cli_usage_error(cli, "complete: unknown kind of names");
        r = names_get(cli, NULL, kind, &names);
        if (r == CLI_OK)
                print_names(cli, names);
        return r;
}
