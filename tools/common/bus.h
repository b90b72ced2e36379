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

/* The connection, and calls that print nothing: those of call.h report failures. */

/* A call that failed. */
struct failure {
        const char *member;
        sd_bus_error error; /* if it is not set, only r is known */
        int r;
};

void failure_done(struct failure *failure);

/* Connects to `address`, or to the system bus (DBUS_SYSTEM_BUS_ADDRESS). Negative errno. */
int bus_connect(const char *address, sd_bus **ret);
/* Makes cli->bus, unless there is one. Negative errno. */
int bus_open(struct cli *cli);

/* Why a call did not reach governord, and (bus_status) the exit status for its failure. `error` may be NULL or not set. */
enum gov_bus_error bus_obstacle(const sd_bus_error *error);
int bus_status(const sd_bus_error *error, int r);

/* Calls a method of the service. Returns an exit status. `ret` may be NULL. On failure *failure is filled (it may be NULL). */
int bus_ask(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
            sd_bus_message **ret, const char *types, ...);
int bus_askv(struct cli *cli, struct failure *failure, const char *path, const char *interface, const char *member,
             sd_bus_message **ret, const char *types, va_list args);
/* Calls a method of the manager that returns one array of rows; `argument` may be NULL. */
int bus_ask_rows(struct cli *cli, struct failure *failure, const char *member, const char *argument, const struct columns *columns,
                 struct rows *ret);
/* Fills *failure for an answer that cannot be parsed. Returns an exit status. */
int bus_unreadable(struct failure *failure, const char *member, int r);

#endif
