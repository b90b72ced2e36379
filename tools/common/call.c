/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls to the service whose failures are reported at once. */

#include "tools/common/call.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/manager.h"
#include "tools/common/report.h"

int cli_connect(struct cli *cli) {
        int r = bus_open(cli);

        if (r >= 0)
                return CLI_OK;
        (void) fprintf(stderr, "%s: cannot reach the system bus: %s\n", cli->program, strerror(-r));
        return CLI_ABSENT;
}

static int report(struct cli *cli, const struct failure *failure) {
        return cli_report(cli, failure->member, &failure->error, failure->r);
}

int cli_call(struct cli *cli, const char *path, const char *interface, const char *member, sd_bus_message **ret, const char *types,
             ...) {
        _cleanup_(failure_done) struct failure failure = {};
        va_list args;
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        va_start(args, types);
        r = bus_askv(cli, &failure, path, interface, member, ret, types, args);
        va_end(args);
        return r == CLI_OK ? r : report(cli, &failure);
}

int cli_rows(struct cli *cli, const char *member, const char *argument, const struct columns *columns, struct rows *ret) {
        _cleanup_(failure_done) struct failure failure = {};
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = bus_ask_rows(cli, &failure, member, argument, columns, ret);
        return r == CLI_OK ? r : report(cli, &failure);
}

int cli_get_manager(struct cli *cli, struct manager *ret) {
        _cleanup_(failure_done) struct failure failure = {};
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = manager_ask(cli, &failure, ret);
        return r == CLI_OK ? r : report(cli, &failure);
}
