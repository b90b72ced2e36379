/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl config check: runs the program governord with --check-config, which needs no bus, once for each file, and returns its
 * highest exit status. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/child.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"

#ifndef GOVERNORD_DAEMON_PATH
#define GOVERNORD_DAEMON_PATH "/usr/libexec/governord"
#endif

/* The exit status if governord cannot be run. Shells use it for a command that was not found. */
#define STATUS_CANNOT_RUN 127

static const char *daemon_path(void) {
        const char *path = getenv("GOVERNORD_DAEMON");

        return path && path[0] ? path : GOVERNORD_DAEMON_PATH;
}

/* `ret_output` NULL: the program inherits the output of this process. */
static int check(const struct cli *cli, const char *file, char **ret_output) {
        static const struct {
                char letter;
                const char *option;
        } passed_on[] = { { 'R', "--root" }, { 'U', "--driver-dir" } };
        _cleanup_free_ char *option = file ? xasprintf("--check-config=%s", file) : xstrdup("--check-config");
        const char *argv[3 + 2 * ARRAY_SIZE(passed_on)] = { daemon_path(), option };
        size_t n = 2;
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
                const char *value = option_value(&cli->options, passed_on[i].letter);

                if (!value)
                        continue;
                argv[n++] = passed_on[i].option;
                argv[n++] = value;
        }
        r = child_output((char *const *) argv, ret_output);
        if (r >= 0)
                return r;
        (void) child_refused(cli->program, argv[0], r);
        if (r == -ENOENT)
                (void) fputs(
                        "Install governord, or set GOVERNORD_DAEMON to the path of the program, for example build/governord.\n",
                        stderr);
        return STATUS_CANNOT_RUN;
}

static int check_json(const struct cli *cli, struct json *j, const char *file) {
        _cleanup_free_ char *output = NULL;
        int status = check(cli, file, &output);

        json_open(j, NULL, '{');
        json_string(j, "file", file ? file : "");
        json_int(j, "status", status);
        json_string(j, "output", output ? output : "");
        json_close(j, '}');
        return status;
}

int command_config(struct cli *cli) {
        struct json j = { .f = stdout };
        int worst = 0, i = 1;

        if (strcmp(cli_word(cli, 0), "check") != 0)
                return cli_usage_error(cli, "config: the only subcommand is check");
        if (cli->json)
                json_open(&j, NULL, '[');
        do {
                int status = cli->json ? check_json(cli, &j, cli_word(cli, i)) : check(cli, cli_word(cli, i), NULL);

                worst = MAX(worst, status);
        } while (++i < cli->options.n_words);
        if (cli->json)
                json_close(&j, ']');
        return worst;
}
