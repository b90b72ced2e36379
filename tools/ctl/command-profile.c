/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl list, get, set: the profiles. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/call.h"
#include "tools/common/manager.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command.h"

/* Maximum number of warnings of set, to keep its output short; status prints all. */
#define WARNINGS_MAX 5

static void profile_json(struct json *j, const struct manager *m, size_t row) {
        json_open(j, NULL, '{');
        rows_json_one(&m->profiles, row, j);
        json_bool(j, "active", strcmp(rows_get(&m->profiles, row, "name"), m->active) == 0);
        json_bool(j, "selected", strcmp(rows_get(&m->profiles, row, "name"), m->selected) == 0);
        json_close(j, '}');
}

static void list_json(const struct manager *m) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '[');
        for (size_t i = 0; i < m->profiles.n; i++)
                profile_json(&j, m, i);
        json_close(&j, ']');
}

/* The answer has no columns "active" and "selected"; they are added here. */
static void list_plain(const struct manager *m) {
        static const char *const keys[] = { "name", "base", "description", "available" };

        for (size_t i = 0; i < m->profiles.n; i++) {
                const char *name = rows_get(&m->profiles, i, "name");

                for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
                        plain_pair(stdout, k == 0, keys[k], rows_get(&m->profiles, i, keys[k]));
                plain_pair(stdout, false, "active", strcmp(name, m->active) == 0 ? "true" : "false");
                plain_pair(stdout, false, "selected", strcmp(name, m->selected) == 0 ? "true" : "false");
                (void) fputc('\n', stdout);
        }
}

static void list_people(const struct cli *cli, const struct manager *m) {
        static const char *const headings[] = { " ", "PROFILE", "BASE", "DESCRIPTION" };
        _cleanup_(table_free) struct table table = { .n_columns = ARRAY_SIZE(headings) };

        table_add(&table, headings, STYLE_HEAD);
        for (size_t i = 0; i < m->profiles.n; i++) {
                const char *name = rows_get(&m->profiles, i, "name"), *base = rows_get(&m->profiles, i, "base");
                bool active = strcmp(name, m->active) == 0, available = strcmp(rows_get(&m->profiles, i, "available"), "true") == 0;
                const char *cells[] = { active ? "*" : " ", name, strcmp(base, name) == 0 ? "" : base,
                                        available ? rows_get(&m->profiles, i, "description") : "(not available on this machine)" };

                table_add(&table, cells, active ? STYLE_GOOD : available ? STYLE_NONE : STYLE_DIM);
        }
        table_print(&table, stdout, 0, cli->color);
}

int command_list(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};
        int r = cli_get_manager(cli, &m);

        if (r != CLI_OK)
                return r;
        if (cli->json)
                list_json(&m);
        else if (cli->tty)
                list_people(cli, &m);
        else
                list_plain(&m);
        return CLI_OK;
}

int command_get(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};
        struct json j = { .f = stdout };
        int r = cli_get_manager(cli, &m);

        if (r != CLI_OK)
                return r;
        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "profile", m.active);
                json_close(&j, '}');
        } else {
                clean_print(stdout, m.active, false);
                (void) fputc('\n', stdout);
        }
        return CLI_OK;
}

int command_set(struct cli *cli) {
        struct json j = { .f = stdout };
        int r;

        cli->subject = cli_word(cli, 0);
        r = cli_call(cli, MANAGER_PATH, PROPERTIES_INTERFACE, "Set", NULL, "ssv", MANAGER_INTERFACE, "ActiveProfile", "s",
                     cli_word(cli, 0));

        if (r == CLI_OK && cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "profile", cli_word(cli, 0));
                json_close(&j, '}');
        }
        if (r == CLI_OK)
                manager_warn_without_effect(cli, WARNINGS_MAX);
        return r;
}
