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

/* Returns true if the bus has answered that the service is not running. */
static bool is_absent(enum gov_bus_error obstacle) {
        return obstacle == GOV_BUS_ERROR_ABSENT || obstacle == GOV_BUS_ERROR_NOT_STARTED ||
               obstacle == GOV_BUS_ERROR_NOT_INSTALLED || obstacle == GOV_BUS_ERROR_MASKED || obstacle == GOV_BUS_ERROR_ENDED;
}

static void print_versions(const struct cli *cli, const char *service) {
        struct json j = { .f = stdout };

        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "governorctl", GOVERNORD_VERSION);
                json_string(&j, "governord", service);
                json_close(&j, '}');
                return;
        }
        (void) printf("governorctl: %s\ngovernord: ", GOVERNORD_VERSION);
        clean_print(stdout, service, false);
        (void) fputc('\n', stdout);
}

/* The version of the service is "not running", or "unknown" if it could not be asked; then the reason is printed on standard error. The
 * exit status is 0 all the same, because the version of governorctl was printed. */
int command_version(struct cli *cli) {
        _cleanup_(failure_done) struct failure failure = {};
        _cleanup_(manager_free) struct manager m = {};
        int r = manager_ask(cli, &failure, &m);
        bool absent = r != CLI_OK && is_absent(bus_obstacle(&failure.error));

        print_versions(cli, r == CLI_OK ? m.version : absent ? "not running" : "unknown");
        if (r == CLI_OK || absent)
                return CLI_OK;
        (void) fflush(stdout);
        if (cli->bus)
                (void) cli_report(cli, "GetAll", &failure.error, failure.r);
        else
                (void) cli_connect(cli);
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
