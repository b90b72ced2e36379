/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl sessions: the applications that report their latency, and how they stand. One look; governorctl top goes on looking. */

#include "base/cleanup.h"
#include "tools/columns.h"
#include "tools/commands.h"
#include "tools/session-list.h"

static enum style session_style(const struct rows *rows, size_t row) {
        if (strcmp(rows_get(rows, row, "active"), "true") != 0)
                return STYLE_DIM;
        return rows_get(rows, row, "slack_us")[0] == '-' ? STYLE_WARN : STYLE_NONE;
}

int command_sessions(struct cli *cli) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(session_list_free) struct session_list list = {};
        _cleanup_(rows_free) struct rows rows = {};
        int r = cli_call(cli, MANAGER_PATH, OBJECTS_INTERFACE, "GetManagedObjects", &m, "");

        if (r != CLI_OK)
                return r;
        r = session_list_read(m, &list);
        if (r < 0)
                return cli_report(cli, "GetManagedObjects", NULL, r);
        session_list_rows(&list, &session_columns, &rows);
        return cli_print(cli, &rows, "No sessions. Programs that use libgovernord appear here.", session_style);
}
