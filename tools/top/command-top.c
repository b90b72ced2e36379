/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl top: queries the service repeatedly and shows the result. Timers, the bus, keys and Unix signals are sources of one event
 * loop, so that the key q always works. top-look.c has the queries, top-show.c the output. */

#include "tools/top/command-top.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/report.h"
#include "tools/top/top-look.h"
#include "tools/top/top-screen.h"
#include "tools/top/top-show.h"
#include "tools/top/top.h"

#define USEC_PER_SEC UINT64_C(1000000)
#define DELAY_MIN    (USEC_PER_SEC / 10)
#define DELAY_MAX    (3600 * USEC_PER_SEC)
#define REDRAW_USEC  (USEC_PER_SEC / 10) /* time between a D-Bus signal and the redraw that shows it and later ones */

static int arm(sd_event_source *timer, uint64_t usec) {
        int r = sd_event_source_set_time_relative(timer, usec);

        return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void draw_soon(struct top *top) {
        int enabled = SD_EVENT_OFF;

        if (top->fills && sd_event_source_get_enabled(top->draw_timer, &enabled) == 0)
                (void) arm(top->draw_timer, REDRAW_USEC);
}

/* -- time -- */

static int on_look_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        struct top *top = userdata;
        int r = top_look(top, true);

        (void) usec;
        return r < 0 ? r : arm(source, top->delay_usec);
}

static int on_draw_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        struct top *top = userdata;

        (void) source;
        (void) usec;
        if (top->outdated)
                return top_look(top, false);
        top_draw(top);
        return 0;
}

/* -- signals of the bus -- */

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;
        const char *interface, *path = sd_bus_message_get_path(m);
        struct session *session = path ? session_list_find(&top->model.sessions, path) : NULL;

        (void) error;
        if (sd_bus_message_read(m, "s", &interface) < 0)
                return 0;
        if (strcmp(interface, MANAGER_INTERFACE) == 0)
                top->outdated = true;
        else if (strcmp(interface, SESSION_INTERFACE) != 0 || !session || session_read(m, session) < 0)
                return 0;
        draw_soon(top);
        return 0;
}

static int on_objects_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;

        (void) m;
        (void) error;
        top->outdated = true;
        draw_soon(top);
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;
        const char *name, *before, *after;

        (void) error;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;
        top_model_forget(&top->model);
        if (after[0] == '\0')
                top_set_problem(top, "governord has ended, waiting for it", NULL);
        top->outdated = after[0] != '\0';
        draw_soon(top);
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct top *top = userdata;

        (void) m;
        (void) error;
        screen_close();
        (void) fputs("governorctl: the connection to the bus was lost\n", stderr);
        return sd_event_exit(top->event, CLI_ABSENT);
}

static int listen_to_bus(struct top *top) {
        static const struct {
                const char *match;
                sd_bus_message_handler_t handler;
                bool always;
        } matches[] = {
                { "type='signal',sender='" MANAGER_NAME "',path_namespace='" MANAGER_PATH "',interface='" PROPERTIES_INTERFACE
                  "',member='PropertiesChanged'",
                  on_properties, false },
                { "type='signal',sender='" MANAGER_NAME "',path='" MANAGER_PATH "',interface='" OBJECTS_INTERFACE "'",
                  on_objects_changed, false },
                { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                  "arg0='" MANAGER_NAME "'",
                  on_owner, false },
                { "type='signal',sender='org.freedesktop.DBus.Local',interface='org.freedesktop.DBus.Local',member='Disconnected'",
                  on_disconnected, true },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(matches); i++)
                if (top->fills || matches[i].always)
                        r = sd_bus_add_match_async(top->cli->bus, NULL, matches[i].match, matches[i].handler, NULL, top);
        return r;
}

/* -- the terminal and the process -- */

static int on_keys(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        struct top *top = userdata;
        int key;

        (void) source;
        (void) fd;
        (void) events;
        key = screen_key();
        if (key < 0 || key == 'q')
                return sd_event_exit(top->event, CLI_OK);
        if (key == 's' || key == 'S') {
                top->sort = (top->sort + 1) % TOP_N_SORTS;
                top_draw(top);
        }
        return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        struct top *top = userdata;

        (void) source;
        if (info->ssi_signo == SIGTSTP) { /* Ctrl-Z: restores the terminal, and returns to full-screen mode after SIGCONT */
                screen_close();
                (void) raise(SIGSTOP);
                if (screen_open() < 0)
                        return sd_event_exit(top->event, CLI_FAILED);
        } else if (info->ssi_signo != SIGWINCH)
                return sd_event_exit(top->event, CLI_OK);
        top_draw(top);
        return 0;
}

static int prepare_signals(struct top *top) {
        static const int signals[] = {
                SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP
        }; /* the last two: full-screen mode only */
        size_t n = ARRAY_SIZE(signals) - (top->fills ? 0 : 2);
        sigset_t set;
        int r = 0;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < n; i++)
                (void) sigaddset(&set, signals[i]);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = sd_event_add_signal(top->event, NULL, signals[i], on_signal, top);
        return r;
}

static int prepare(struct top *top) {
        int r = sd_event_new(&top->event);

        if (r >= 0)
                r = prepare_signals(top);
        if (r >= 0)
                r = sd_event_add_time_relative(top->event, &top->look_timer, CLOCK_MONOTONIC, 0, top->delay_usec / 20,
                                               on_look_timer, top);
        if (r >= 0)
                r = sd_event_add_time_relative(top->event, &top->draw_timer, CLOCK_MONOTONIC, REDRAW_USEC, 0, on_draw_timer, top);
        if (r >= 0)
                r = sd_event_source_set_enabled(top->draw_timer, SD_EVENT_OFF);
        if (r >= 0)
                r = listen_to_bus(top);
        if (r >= 0)
                r = sd_bus_attach_event(top->cli->bus, top->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0 && top->fills && isatty(STDIN_FILENO))
                r = sd_event_add_io(top->event, NULL, STDIN_FILENO, EPOLLIN, on_keys, top);
        if (r >= 0 && top->fills)
                r = screen_open();
        return r;
}

/* Parses "2", "0.5", "500ms". */
static int parse_delay(const char *text, uint64_t *ret_usec) {
        size_t n = strcspn(text, "."), digits = text[n] ? strlen(text + n + 1) : 0;
        char milliseconds[32];

        if (text[n] == '\0')
                return parse_duration(text, ret_usec);
        if (digits == 0 || digits > 3)
                return -EINVAL;
        (void) snprintf(milliseconds, sizeof(milliseconds), "%.*s%s%.*sms", (int) MIN(n, 8), text, text + n + 1, 3 - (int) digits,
                        "000");
        return parse_duration(milliseconds, ret_usec);
}

static int take_options(struct top *top) {
        const struct options *o = &top->cli->options;
        const char *delay = option_value(o, 'D'), *count = option_value(o, 'N'), *term = getenv("TERM");
        uint32_t n = 0;

        if (count && (parse_u32(count, &n) < 0 || n == 0))
                return cli_usage_error(top->cli, "--count: give a number of updates, at least 1");
        top->count = n;
        top->delay_usec = USEC_PER_SEC;
        if (delay && (parse_delay(delay, &top->delay_usec) < 0 || top->delay_usec < DELAY_MIN || top->delay_usec > DELAY_MAX))
                return cli_usage_error(top->cli, "--delay: give a number of seconds from 0.1 to 3600");
        top->fills = top->cli->tty && !option_value(o, 'P') && !(term && strcmp(term, "dumb") == 0);
        return CLI_OK;
}

int command_top(struct cli *cli) {
        struct top top = { .cli = cli };
        int r = take_options(&top);

        if (r == CLI_OK)
                r = cli_connect(cli);
        if (r != CLI_OK)
                return r;
        r = prepare(&top);
        if (r >= 0)
                r = sd_event_loop(top.event);
        screen_close();
        if (r < 0)
                r = cli_report(cli, "watch governord", NULL, r);
        (void) sd_bus_detach_event(cli->bus);
        sd_event_source_unref(top.look_timer);
        sd_event_source_unref(top.draw_timer);
        sd_event_unref(top.event);
        cli->bus = sd_bus_close_unref(cli->bus); /* pending answers are dropped */
        session_list_free(&top.sessions);
        free(top.owner);
        top_model_free(&top.model);
        return r;
}
