/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the bus, and calls to the service. Nothing is printed, and calls are not retried. A call may start the service by
 * bus activation. */

#include "tools/common/bus.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Timeout of calls if standard input is a terminal, since polkit may then ask for a password; otherwise the default of sd-bus (25
 * s) applies. */
#define ASK_USEC (120 * UINT64_C(1000000))

void failure_done(struct failure *failure) {
        sd_bus_error_free(&failure->error);
}

int bus_connect(const char *address, sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (!address)
                return sd_bus_open_system(ret);
        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, 1);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                *ret = TAKE_PTR(bus);
        return r;
}

int bus_open(struct cli *cli) {
        int r;

        if (cli->bus)
                return 0;
        r = bus_connect(option_value(&cli->options, 'b'), &cli->bus);
        if (r < 0)
                return r;
        if (isatty(STDIN_FILENO)) {
                (void) sd_bus_set_allow_interactive_authorization(cli->bus, 1);
                (void) sd_bus_set_method_call_timeout(cli->bus, ASK_USEC);
        }
        return 0;
}

enum gov_bus_error bus_obstacle(const sd_bus_error *error) {
        return error && error->name ? gov_bus_error(error->name, error->message, NULL) : GOV_BUS_ERROR_OF_SERVICE;
}

static bool is_broken_connection(int r) {
        return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE || r == -ESHUTDOWN;
}

int bus_status(const sd_bus_error *error, int r) {
        bool absent = error && error->name ? bus_obstacle(error) != GOV_BUS_ERROR_OF_SERVICE : is_broken_connection(r);

        return absent ? CLI_ABSENT : CLI_FAILED;
}

/* Takes ownership of the error. */
static void fill_failure(struct failure *failure, const char *member, sd_bus_error *error, int r) {
        if (!failure)
                return;
        failure->member = member;
        failure->r = r;
        (void) sd_bus_error_move(&failure->error, error);
}

int bus_unreadable(struct failure *failure, const char *member, int r) {
        sd_bus_error none = SD_BUS_ERROR_NULL;

        fill_failure(failure, member, &none, r);
        return bus_status(NULL, r);
}

int bus_askv(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
             sd_bus_message **ret, const char *types, va_list args) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = bus_open(cli), status;

        if (r < 0) {
                fill_failure(failure, member, &error, r);
                return CLI_ABSENT;
        }
        r = sd_bus_message_new_method_call(cli->bus, &call, MANAGER_NAME, path, interface, member);
        if (r >= 0 && types[0])
                r = sd_bus_message_appendv(call, types, args);
        if (r >= 0)
                r = sd_bus_call(cli->bus, call, 0, &error, ret);
        if (r >= 0)
                return CLI_OK;
        status = bus_status(&error, r);
        fill_failure(failure, member, &error, r);
        return status;
}

int bus_ask(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
            sd_bus_message **ret, const char *types, ...) {
        va_list args;
        int r;

        va_start(args, types);
        r = bus_askv(cli, failure, path, interface, member, ret, types, args);
        va_end(args);
        return r;
}

int bus_ask_rows(struct cli *cli, struct failure *failure, const char *member, const char *argument, const struct columns *columns,
                 struct rows *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = bus_ask(cli, failure, MANAGER_PATH, MANAGER_INTERFACE, member, &m, argument ? "s" : "", argument);

        if (r != CLI_OK)
                return r;
        r = rows_read(ret, columns, m);
        return r < 0 ? bus_unreadable(failure, member, r) : CLI_OK;
}
