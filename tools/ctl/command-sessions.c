/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl sessions: the applications that report their latency, and their current values. */

#include <stdio.h>

#include "base/cleanup.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/report.h"
#include "tools/common/session-list.h"
#include "tools/ctl/command.h"

static enum style session_style(const struct rows *rows, size_t row) {
        if (strcmp(rows_get(rows, row, "active"), "true") != 0)
                return STYLE_DIM;
        return rows_get(rows, row, "slack_us")[0] == '-' ? STYLE_WARN : STYLE_NONE;
}

/* Sets the column "application" of sessions with hidden details to "user UID", for tables. */
static void name_hidden(const struct session_list *list, struct rows *rows) {
        char name[32];

        for (size_t i = 0; i < list->n; i++)
                rows_set(rows, i, "application", session_name(&list->items[i], name, sizeof(name)));
}

int command_sessions(struct cli *cli) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(session_list_free) struct session_list list = {};
        _cleanup_(rows_free) struct rows rows = {};
        _cleanup_free_ char *hidden = NULL;
        bool people = cli->tty && !cli->json;
        int r = cli_call(cli, MANAGER_PATH, OBJECTS_INTERFACE, "GetManagedObjects", &m, "");

        if (r != CLI_OK)
                return r;
        r = session_list_read(m, &list);
        if (r < 0)
                return cli_report(cli, "GetManagedObjects", NULL, r);
        session_list_rows(&list, &session_columns, &rows);
        if (people)
                name_hidden(&list, &rows);
        r = cli_print(cli, &rows, "No sessions. Programs that use libgovernord appear here.", session_style);
        hidden = session_list_hidden(&list);
        if (people && hidden)
                (void) printf("\n%s\n", hidden);
        return r;
}
