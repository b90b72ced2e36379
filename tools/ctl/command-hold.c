/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl hold and release. A hold ends on a Unix signal, at its deadline, when the service ends one of its requests or leaves
 * the bus, or when the connection to the bus is lost; then this process exits. The hold is not requested again when the service
 * restarts. */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/report.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command.h"
#include "tools/ctl/request.h"

struct hold {
        struct cli *cli;
        struct request request;
        sd_event *event;
        bool over; /* used instead of sd_event_exit(), which would close the bus before the requests are released */
        int status;
};

static const struct {
        const char *reason;
        int status;
        const char *text;
} endings[] = {
        { "deadline", CLI_OK, "the given time has passed" },
        { "released", CLI_FAILED, "another program released it" },
        { "service-stops", CLI_ABSENT, "the service stopped" },
        { "manual-switch", CLI_FAILED, "a profile was chosen by hand" },
        { "owner-gone", CLI_FAILED, "the service has lost the connection to this program" },
};

static int finish_hold(struct hold *hold, int status) {
        hold->over = true;
        hold->status = status;
        return 0;
}

static int ended(const char *reason) {
        for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
                if (strcmp(endings[i].reason, reason) == 0) {
                        (void) fprintf(stderr, "governorctl: the hold ended: %s\n", endings[i].text);
                        return endings[i].status;
                }
        (void) fputs("governorctl: the hold ended: ", stderr);
        clean_print(stderr, reason, false);
        (void) fputc('\n', stderr);
        return CLI_FAILED;
}

static int on_ended(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct hold *hold = userdata;
        const char *reason;
        uint32_t cookie;

        (void) error;
        if (sd_bus_message_read(m, "us", &cookie, &reason) < 0 || !request_forget(&hold->request, cookie))
                return 0;
        return finish_hold(hold, ended(reason));
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct hold *hold = userdata;
        const char *name, *before, *after;

        (void) error;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0 || before[0] == '\0')
                return 0;
        hold->request.n_cookies = 0;
        (void) fputs("governorctl: governord ended, so the hold has ended; systemctl status governord shows more\n", stderr);
        return finish_hold(hold, CLI_ABSENT);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct hold *hold = userdata;

        (void) m;
        (void) error;
        hold->request.n_cookies = 0;
        (void) fputs("governorctl: the connection to the bus was lost, so the hold has ended\n", stderr);
        return finish_hold(hold, CLI_ABSENT);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        (void) source;
        (void) info;
        return finish_hold(userdata, CLI_OK);
}

/* Called before the request is made, so that the signal of its end cannot be missed. */
static int listen_for_ends(struct hold *hold) {
        sd_bus *bus = hold->cli->bus;
        int r = sd_bus_match_signal(bus, NULL, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE, "RequestEnded", on_ended, hold);

        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                     "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                                     "member='NameOwnerChanged',arg0='" MANAGER_NAME "'",
                                     on_owner, hold);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus.Local", "/org/freedesktop/DBus/Local",
                                        "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, hold);
        return r;
}

static int prepare_loop(struct hold *hold) {
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
        sigset_t set;
        int r = sd_event_new(&hold->event);

        (void) sigemptyset(&set);
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                (void) sigaddset(&set, signals[i]);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(signals); i++)
                r = sd_event_add_signal(hold->event, NULL, signals[i], on_signal, hold);
        if (r >= 0)
                r = listen_for_ends(hold);
        return r < 0 ? r : sd_bus_attach_event(hold->cli->bus, hold->event, SD_EVENT_PRIORITY_NORMAL);
}

static void announce_json(const struct request *request) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '{');
        json_open(&j, "cookies", '[');
        for (size_t i = 0; i < request->n_cookies; i++)
                json_int(&j, NULL, request->cookies[i]);
        json_close(&j, ']');
        json_close(&j, '}');
}

static void announce(const struct hold *hold) {
        const struct request *request = &hold->request;

        if (hold->cli->json)
                announce_json(request);
        for (size_t i = 0; !hold->cli->json && i < request->n_cookies; i++)
                if (hold->cli->tty)
                        (void) printf("Holding as request %" PRIu32 "; Ctrl-C ends it.\n", request->cookies[i]);
                else
                        (void) printf("cookie=%" PRIu32 "\n", request->cookies[i]);
        (void) fflush(stdout);
}

static int run(struct hold *hold) {
        int r = cli_connect(hold->cli);

        if (r != CLI_OK)
                return r;
        r = prepare_loop(hold);
        if (r < 0)
                return cli_report(hold->cli, "subscribe to the signals of governord", NULL, r);
        r = request_send(hold->cli, &hold->request);
        if (r != CLI_OK)
                return r;
        announce(hold);
        while (r >= 0 && !hold->over)
                r = sd_event_run(hold->event, UINT64_MAX);
        request_release(hold->cli, &hold->request);
        return r < 0 ? cli_report(hold->cli, "wait for the end of the hold", NULL, r) : hold->status;
}

int command_hold(struct cli *cli) {
        struct hold hold = {
                .cli = cli,
                .request = { .profile = cli_word(cli, 0), .reason = "Held on the command line", .application = "governorctl" }
        };
        const struct request *request = &hold.request;
        int r;

        if (cli_word(cli, 0) && option_value(&cli->options, 'p'))
                return cli_usage_error(cli, "hold: the profile is given twice");
        r = request_options(cli, &hold.request);
        if (r != CLI_OK)
                return r;
        if (!request->profile && request->floor == LEVEL_NONE && request->ceiling == LEVEL_NONE)
                return cli_usage_error(cli, "hold: name a profile or a level");
        r = run(&hold);
        if (hold.event && cli->bus)
                (void) sd_bus_detach_event(cli->bus);
        sd_event_unref(hold.event);
        return r;
}

int command_release(struct cli *cli) {
        struct json j = { .f = stdout };
        uint32_t cookie;
        int r;

        if (parse_u32(cli_word(cli, 0), &cookie) < 0)
                return cli_usage_error(cli, "a cookie is a number; to list the cookies: governorctl holds");
        r = cli_manager(cli, "ReleaseRequest", NULL, "u", cookie);
        if (r == CLI_OK && cli->json) {
                json_open(&j, NULL, '{');
                json_int(&j, "released", cookie);
                json_close(&j, '}');
        }
        return r;
}
