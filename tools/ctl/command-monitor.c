/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl monitor: prints one line for each event until it is stopped. It reports restarts of the service and continues. After
 * the initial state it only receives signals, and makes no calls that would cause load. */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/manager.h"
#include "tools/common/report.h"
#include "tools/common/session-list.h"
#include "tools/common/utf8.h"
#include "tools/ctl/command.h"

struct monitor {
        struct cli *cli;
        sd_event *event;
};

static void begin_plain(const struct monitor *monitor, const char *event) {
        char text[16];
        struct tm tm;
        time_t now = time(NULL);

        if (monitor->cli->tty && localtime_r(&now, &tm) && strftime(text, sizeof(text), "%T", &tm) > 0)
                (void) printf("%s%s%s  ", style_code(STYLE_DIM, monitor->cli->color), text,
                              style_code(STYLE_NONE, monitor->cli->color));
        (void) fputs(event, stdout);
}

static struct json begin_json(const char *event) {
        struct json j = { .f = stdout, .compact = true };

        json_open(&j, NULL, '{');
        json_string(&j, "event", event);
        return j;
}

static void on_property(const char *name, const char *text, const struct rows *rows, void *userdata) {
        const struct monitor *monitor = userdata;

        if (monitor->cli->json) {
                struct json j = begin_json("property");

                json_string(&j, "name", name);
                if (rows)
                        rows_json(rows, &j, "value");
                else if (strcmp(name, "BatteryPercentage") == 0)
                        json_raw(&j, "value", text);
                else
                        json_string(&j, "value", text);
                json_close(&j, '}');
                return;
        }
        begin_plain(monitor, "property");
        plain_pair(stdout, false, "name", name);
        if (text)
                plain_pair(stdout, false, "value", text);
        (void) fputc('\n', stdout);
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *interface;

        (void) error;
        if (sd_bus_message_read(m, "s", &interface) >= 0 && strcmp(interface, MANAGER_INTERFACE) == 0 &&
            manager_each(m, on_property, userdata) < 0)
                (void) fputs("governorctl: ignoring a signal in an unknown format\n", stderr);
        return 0;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(rows_free) struct rows rows = {};
        const struct monitor *monitor = userdata;

        (void) error;
        if (rows_read_one(&rows, &changed_columns, m) < 0)
                (void) fputs("governorctl: ignoring a signal in an unknown format\n", stderr);
        else if (monitor->cli->json) {
                struct json j = begin_json("changed");

                rows_json_one(&rows, 0, &j);
                json_close(&j, '}');
        } else {
                begin_plain(monitor, "changed");
                rows_plain(&rows, stdout, "");
        }
        return 0;
}

/* -- requests and sessions -- */

/* Prints "request state=begun cookie=3 kind=profile ..." for each row. */
static void print_begun(const struct monitor *monitor, const char *event, const struct rows *rows) {
        for (size_t row = 0; row < rows->n; row++)
                if (monitor->cli->json) {
                        struct json j = begin_json(event);

                        json_string(&j, "state", "begun");
                        rows_json_one(rows, row, &j);
                        json_close(&j, '}');
                } else {
                        begin_plain(monitor, event);
                        plain_pair(stdout, false, "state", "begun");
                        rows_plain_one(rows, row, stdout);
                }
}

/* `why` NULL: the reason is unknown. */
static void print_ended(const struct monitor *monitor, const char *event, const char *key, uint32_t number, const char *why) {
        char text[16];

        if (monitor->cli->json) {
                struct json j = begin_json(event);

                json_string(&j, "state", "ended");
                json_int(&j, key, number);
                if (why)
                        json_string(&j, "why", why);
                json_close(&j, '}');
                return;
        }
        begin_plain(monitor, event);
        plain_pair(stdout, false, "state", "ended");
        (void) snprintf(text, sizeof(text), "%" PRIu32, number);
        plain_pair(stdout, false, key, text);
        if (why)
                plain_pair(stdout, false, "why", why);
        (void) fputc('\n', stdout);
}

static int on_request_added(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(rows_free) struct rows rows = {};

        (void) error;
        if (rows_read_one(&rows, &added_columns, m) >= 0)
                print_begun(userdata, "request", &rows);
        return 0;
}

static int on_request_removed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *why;
        uint32_t cookie;

        (void) error;
        if (sd_bus_message_read(m, "us", &cookie, &why) >= 0)
                print_ended(userdata, "request", "cookie", cookie, why);
        return 0;
}

static void print_sessions(const struct monitor *monitor, const struct session_list *list) {
        _cleanup_(rows_free) struct rows rows = {};

        session_list_rows(list, &session_columns, &rows);
        print_begun(monitor, "session", &rows);
}

static int on_objects_added(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(session_list_free) struct session_list list = {};

        (void) error;
        if (session_list_read_added(m, &list) >= 0)
                print_sessions(userdata, &list);
        return 0;
}

static int on_objects_removed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        static const char root[] = SESSION_ROOT "/";
        const char *path;
        uint32_t cookie;

        (void) error;
        if (sd_bus_message_read(m, "o", &path) >= 0 && strncmp(path, root, strlen(root)) == 0 &&
            parse_u32(path + strlen(root), &cookie) >= 0)
                print_ended(userdata, "session", "session", cookie, NULL);
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const struct monitor *monitor = userdata;
        const char *name, *before, *after, *state;

        (void) error;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;
        state = after[0] ? "started" : "stopped";
        if (monitor->cli->json) {
                struct json j = begin_json("service");

                json_string(&j, "state", state);
                json_close(&j, '}');
        } else {
                begin_plain(monitor, "service");
                plain_pair(stdout, false, "state", state);
                (void) fputc('\n', stdout);
        }
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const struct monitor *monitor = userdata;

        (void) m;
        (void) error;
        (void) fputs("governorctl: the connection to the bus was lost\n", stderr);
        return sd_event_exit(monitor->event, CLI_ABSENT);
}

static int listen_to(struct monitor *monitor) {
        static const struct {
                const char *interface, *member;
                sd_bus_message_handler_t handler;
        } signals[] = {
                { PROPERTIES_INTERFACE, "PropertiesChanged", on_properties },
                { MANAGER_INTERFACE, "Changed", on_changed },
                { MANAGER_INTERFACE, "RequestAdded", on_request_added },
                { MANAGER_INTERFACE, "RequestRemoved", on_request_removed },
                { OBJECTS_INTERFACE, "InterfacesAdded", on_objects_added },
                { OBJECTS_INTERFACE, "InterfacesRemoved", on_objects_removed },
        };
        sd_bus *bus = monitor->cli->bus;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(signals); i++)
                r = sd_bus_match_signal(bus, NULL, MANAGER_NAME, MANAGER_PATH, signals[i].interface, signals[i].member,
                                        signals[i].handler, monitor);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                     "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                                     "member='NameOwnerChanged',arg0='" MANAGER_NAME "'",
                                     on_owner, monitor);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus.Local", "/org/freedesktop/DBus/Local",
                                        "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, monitor);
        return r;
}

static int prepare_loop(struct monitor *monitor) {
        sigset_t set;
        int r = sd_event_default(&monitor->event);

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        if (r >= 0)
                r = sd_event_add_signal(monitor->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(monitor->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = listen_to(monitor);
        return r < 0 ? r : sd_bus_attach_event(monitor->cli->bus, monitor->event, SD_EVENT_PRIORITY_NORMAL);
}

/* Prints the initial state: each property, request and session as an event. */
static int print_start(struct monitor *monitor) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *properties = NULL, *objects = NULL;
        _cleanup_(session_list_free) struct session_list list = {};
        _cleanup_(rows_free) struct rows requests = {};
        struct cli *cli = monitor->cli;
        int r = cli_call(cli, MANAGER_PATH, PROPERTIES_INTERFACE, "GetAll", &properties, "s", MANAGER_INTERFACE);

        if (r == CLI_OK && manager_each(properties, on_property, monitor) < 0)
                r = cli_report(cli, "GetAll", NULL, -EBADMSG);
        if (r == CLI_OK)
                r = cli_rows(cli, "ListRequests", NULL, &request_columns, &requests);
        if (r == CLI_OK)
                r = cli_call(cli, MANAGER_PATH, OBJECTS_INTERFACE, "GetManagedObjects", &objects, "");
        if (r == CLI_OK && session_list_read(objects, &list) < 0)
                r = cli_report(cli, "GetManagedObjects", NULL, -EBADMSG);
        if (r != CLI_OK)
                return r;
        print_begun(monitor, "request", &requests);
        print_sessions(monitor, &list);
        return CLI_OK;
}

int command_monitor(struct cli *cli) {
        struct monitor monitor = { .cli = cli };
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        r = prepare_loop(&monitor);
        if (r < 0)
                r = cli_report(cli, "subscribe to the signals of governord", NULL, r);
        else
                r = print_start(&monitor);
        if (r == CLI_OK)
                r = sd_event_loop(monitor.event);
        if (monitor.event)
                (void) sd_bus_detach_event(cli->bus);
        sd_event_unref(monitor.event);
        return r < 0 ? cli_report(cli, "wait for events", NULL, r) : r;
}
