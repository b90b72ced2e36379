/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that end with this process: the options that describe them, and the calls that make and end them. Invalid options are
 * reported before any call. */

#include "tools/ctl/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/report.h"

int level_parse(const char *text, int *ret) {
        size_t length = strlen(text);
        bool percent = length > 0 && text[length - 1] == '%';
        char number[16];
        uint32_t level;
        int r;

        if (length >= sizeof(number))
                return -EINVAL;
        (void) snprintf(number, sizeof(number), "%.*s", (int) (length - percent), text);
        r = parse_u32(number, &level);
        if (r < 0)
                return r;
        if (level > (percent ? 100 : LEVEL_MAX))
                return -ERANGE;
        if (percent)
                level = (level * LEVEL_MAX + 50) / 100;
        *ret = (int) level;
        return 0;
}

static int take_level(const struct cli *cli, char letter, int *ret) {
        const char *text = option_value(&cli->options, letter);

        if (!text || level_parse(text, ret) == 0)
                return CLI_OK;
        return cli_usage_error(cli, "--%s: " LEVEL_WORDS, option_find(letter)->name);
}

int request_levels(const struct cli *cli, int *ret_floor, int *ret_ceiling) {
        int r = take_level(cli, 'l', ret_floor);

        *ret_ceiling = *ret_floor;
        if (r == CLI_OK)
                r = take_level(cli, 'f', ret_floor);
        if (r == CLI_OK)
                r = take_level(cli, 'c', ret_ceiling);
        if (r != CLI_OK)
                return r;
        if (*ret_ceiling != LEVEL_NONE && *ret_floor > *ret_ceiling)
                return cli_usage_error(cli, "the floor %d is above the ceiling %d", *ret_floor, *ret_ceiling);
        return CLI_OK;
}

int request_options(const struct cli *cli, struct request *request) {
        const struct options *o = &cli->options;
        const char *duration = option_value(o, 't');

        request->floor = request->ceiling = LEVEL_NONE;
        if (option_value(o, 'p'))
                request->profile = option_value(o, 'p');
        request->domain = option_value(o, 'd') ? option_value(o, 'd') : "node";
        if (option_value(o, 'r'))
                request->reason = option_value(o, 'r');
        if (option_value(o, 'i'))
                request->application = option_value(o, 'i');
        if (duration && (parse_duration(duration, &request->timeout_usec) < 0 || request->timeout_usec == 0))
                return cli_usage_error(cli, "--for: give a number of seconds, or a number with us, ms, s, min or h");
        return request_levels(cli, &request->floor, &request->ceiling);
}

static int read_cookie(struct cli *cli, struct request *request, const char *member, sd_bus_message *m) {
        int r = sd_bus_message_read(m, "u", &request->cookies[request->n_cookies]);

        if (r < 0)
                return cli_report(cli, member, NULL, r);
        request->n_cookies++;
        return CLI_OK;
}

static int send_profile(struct cli *cli, struct request *request) {
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *m = NULL;
        int r;

        cli->subject = request->profile;
        r = cli_manager(cli, "HoldProfile", &m, "ssst", request->profile, request->reason, request->application,
                        request->timeout_usec);

        return r == CLI_OK ? read_cookie(cli, request, "HoldProfile", m) : r;
}

static int send_levels(struct cli *cli, struct request *request) {
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *m = NULL;
        int r;

        cli->subject = request->domain;
        r = cli_manager(cli, "RequestLevel", &m, "siisst", request->domain, request->floor, request->ceiling, request->reason,
                        request->application, request->timeout_usec);

        return r == CLI_OK ? read_cookie(cli, request, "RequestLevel", m) : r;
}

int request_send(struct cli *cli, struct request *request) {
        int r = CLI_OK;

        if (request->profile)
                r = send_profile(cli, request);
        if (r == CLI_OK && (request->floor != LEVEL_NONE || request->ceiling != LEVEL_NONE))
                r = send_levels(cli, request);
        if (r != CLI_OK)
                request_release(cli, request);
        return r;
}

void request_release(struct cli *cli, struct request *request) {
        for (size_t i = 0; i < request->n_cookies; i++)
                (void) sd_bus_call_method(cli->bus, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "ReleaseRequest", NULL, NULL,
                                          "u", request->cookies[i]);
        request->n_cookies = 0;
}

bool request_forget(struct request *request, uint32_t cookie) {
        for (size_t i = 0; i < request->n_cookies; i++)
                if (request->cookies[i] == cookie) {
                        request->cookies[i] = request->cookies[--request->n_cookies];
                        return true;
                }
        return false;
}
