/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_BUS_H
#define TOOLS_BUS_H

#include <stdarg.h>

#include <systemd/sd-bus.h>

#include "include/governord/bus-errors.h"
#include "tools/common/cli.h"

#define MANAGER_NAME         "org.governord"
#define MANAGER_PATH         "/org/governord"
#define MANAGER_INTERFACE    "org.governord.Manager1"
#define DEVICE_INTERFACE     "org.governord.Device1"
#define DEVICE_ROOT          "/org/governord/device"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define OBJECTS_INTERFACE    "org.freedesktop.DBus.ObjectManager"

/* The connection to the bus, and calls that print nothing. The functions of call.h report failures. */

/* A failed call. */
struct failure {
        const char *member;
        sd_bus_error error; /* not set if connecting, building the call or reading the answer failed */
        int r;              /* negative errno */
};

void failure_done(struct failure *failure);

/* Connects to `address`; NULL: to the system bus (DBUS_SYSTEM_BUS_ADDRESS). Returns a negative errno on failure. */
int bus_connect(const char *address, sd_bus **ret);
/* Connects cli->bus, if it is not connected yet. Returns 0 or a negative errno. */
int bus_open(struct cli *cli);

/* Classifies the error of a failed call (bus-errors.h). GOV_BUS_ERROR_OF_SERVICE: none of the other kinds, so usually an error that
 * governord returned; also if `error` is NULL or not set, which says nothing about governord. */
enum gov_bus_error bus_obstacle(const sd_bus_error *error);
/* Returns the exit status for a failed call. If `error` is NULL or not set, `r` determines it. */
int bus_status(const sd_bus_error *error, int r);

/* Calls a method of the service. `ret` may be NULL. Returns an exit status; on failure *failure is filled (`failure` may be NULL). */
int bus_ask(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
            sd_bus_message **ret, const char *types, ...);
int bus_askv(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
             sd_bus_message **ret, const char *types, va_list args);
/* Calls a method of the manager that returns one array of rows; `argument` may be NULL. */
int bus_ask_rows(struct cli *cli, struct failure *failure, const char *member, const char *argument, const struct columns *columns,
                 struct rows *ret);
/* Fills *failure for an answer that could not be parsed. Returns an exit status. */
int bus_unreadable(struct failure *failure, const char *member, int r);

#endif
