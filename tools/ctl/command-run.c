/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl run: executes a command in place of this process. Its options override those that the program passes to libgovernord, by
 * the environment variables described in libgovernord(3). The service need not be running. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "include/governord/qos.h"
#include "tools/common/child.h"
#include "tools/ctl/command.h"

/* The limits are those of OpenSession(), see docs/dbus-api.md. */
static const struct wish {
        char letter;
        const char *variable;
        uint64_t least, most; /* microseconds */
        const char *range;
} times[] = {
        { 'T', "GOVERNORD_TARGET_US", GOV_QOS_TARGET_MIN_US, GOV_QOS_TARGET_MAX_US, "1us to 60s" },
        { 'W', "GOVERNORD_WINDOW_US", GOV_QOS_WINDOW_MIN_US, GOV_QOS_WINDOW_MAX_US, "1ms to 60s" },
        { 'S', "GOVERNORD_STALE_US", GOV_QOS_STALE_MIN_US, GOV_QOS_STALE_MAX_US, "1ms to 10min" },
};

/* `value` NULL unsets the variable, so that the program's own value applies and not that of an outer `governorctl run`. */
static int set_variable(const struct cli *cli, const char *name, const char *value) {
        if ((value ? setenv(name, value, true) : unsetenv(name)) == 0)
                return CLI_OK;
        (void) fprintf(stderr, "%s: cannot change the environment variable %s, so the command was not run: %s\n", cli->program,
                       name, strerror(errno));
        return CLI_FAILED;
}

static int put_time(const struct cli *cli, const struct wish *wish) {
        const char *text = option_value(&cli->options, wish->letter);
        char number[24];
        uint64_t usec;

        if (!text)
                return set_variable(cli, wish->variable, NULL);
        if (parse_duration(text, &usec) < 0 || usec < wish->least || usec > wish->most)
                return cli_usage_error(cli, "--%s: give a time from %s, such as 2ms; a bare number is seconds",
                                       option_find(wish->letter)->name, wish->range);
        (void) snprintf(number, sizeof(number), "%" PRIu64, usec);
        return set_variable(cli, wish->variable, number);
}

/* Parses "99" or "99.5" into permille. */
static int parse_percentile(const char *text, uint32_t *ret) {
        char whole[4];
        size_t n = strcspn(text, ".");
        uint32_t percent, tenth = 0;

        if (n >= sizeof(whole) || (text[n] == '.' && strlen(text + n) != 2))
                return -EINVAL;
        (void) snprintf(whole, sizeof(whole), "%.*s", (int) n, text);
        if (parse_u32(whole, &percent) < 0 || (text[n] == '.' && parse_u32(text + n + 1, &tenth) < 0))
                return -EINVAL;
        *ret = percent * 10 + tenth;
        return *ret >= GOV_QOS_PERMILLE_MIN && *ret <= GOV_QOS_PERMILLE_MAX ? 0 : -ERANGE;
}

static int put_percentile(const struct cli *cli) {
        const char *text = option_value(&cli->options, 'Q'), *p95 = option_value(&cli->options, 'Y');
        const char *p99 = option_value(&cli->options, 'Z'), *value = p95 ? "950" : p99 ? "990" : NULL;
        char number[16];
        uint32_t permille;

        if (!!text + !!p95 + !!p99 > 1)
                return cli_usage_error(cli, "give only one of --p95, --p99 and --percentile");
        if (text) {
                if (parse_percentile(text, &permille) < 0)
                        return cli_usage_error(cli, "--percentile: give a number from 50 to 99.9, with at most one decimal");
                (void) snprintf(number, sizeof(number), "%" PRIu32, permille);
                value = number;
        }
        return set_variable(cli, "GOVERNORD_PERMILLE", value);
}

int command_run(struct cli *cli) {
        int r = CLI_OK;

        if (!option_value(&cli->options, 'T'))
                return cli_usage_error(cli, "run: --target is missing");
        for (size_t i = 0; r == CLI_OK && i < ARRAY_SIZE(times); i++)
                r = put_time(cli, &times[i]);
        if (r == CLI_OK)
                r = put_percentile(cli);
        if (r == CLI_OK)
                r = set_variable(cli, "GOVERNORD_CAP", option_value(&cli->options, 'C') ? "1" : NULL);
        if (r != CLI_OK)
                return r;
        (void) fflush(NULL);
        (void) execvp(cli_word(cli, 0), cli->options.words);
        return child_refused(cli->program, cli_word(cli, 0), -errno);
}
