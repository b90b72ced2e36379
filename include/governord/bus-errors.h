/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_BUS_ERRORS_H
#define GOVERNORD_BUS_ERRORS_H

#include <stddef.h>
#include <string.h>

/* Finds the cause of a failed D-Bus call to governord from the name and the text of the error. Shared by libgovernord and
 * governorctl; not installed. */

enum gov_bus_error {
        GOV_BUS_ERROR_OF_SERVICE,    /* any other error, usually returned by governord itself; its text gives the reason */
        GOV_BUS_ERROR_ABSENT,        /* governord is not running */
        GOV_BUS_ERROR_NOT_STARTED,   /* governord could not be started, for another reason than the next two */
        GOV_BUS_ERROR_NOT_INSTALLED, /* governord could not be started: its unit does not exist */
        GOV_BUS_ERROR_MASKED,        /* governord could not be started: its unit is masked */
        GOV_BUS_ERROR_ENDED,         /* governord left the bus before it answered */
        GOV_BUS_ERROR_SILENT,        /* governord did not answer in time */
        GOV_BUS_ERROR_BROKEN,        /* the connection to the bus was closed */
        GOV_BUS_ERROR_FORBIDDEN,     /* the policy of the message bus forbids the call */
        GOV_BUS_ERROR_LIMIT          /* a limit of the message bus was reached */
};

static inline int gov_bus_error_begins(const char *text, const char *with) {
        return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

/* Classifies an error reply. `name` is the name of the D-Bus error. `message` is its text, or NULL. `sender` is the bus name of the
 * sender, or NULL if unknown; it distinguishes errors of the message bus from errors of governord with the same name. */
static inline enum gov_bus_error gov_bus_error(const char *name, const char *message, const char *sender) {
        /* Compared with the last part of the error's name only, because the prefix varies (org.freedesktop.DBus.Error,
         * System.Error, org.freedesktop.systemd1). */
        static const struct {
                const char *name;
                enum gov_bus_error error;
        } names[] = {
                { "ServiceUnknown", GOV_BUS_ERROR_ABSENT }, { "NameHasNoOwner", GOV_BUS_ERROR_ABSENT },
                { "NoReply", GOV_BUS_ERROR_SILENT },        { "Timeout", GOV_BUS_ERROR_SILENT },
                { "TimedOut", GOV_BUS_ERROR_SILENT },       { "ETIMEDOUT", GOV_BUS_ERROR_SILENT },
                { "Disconnected", GOV_BUS_ERROR_BROKEN },   { "ENOTCONN", GOV_BUS_ERROR_BROKEN },
                { "ECONNRESET", GOV_BUS_ERROR_BROKEN },     { "ESHUTDOWN", GOV_BUS_ERROR_BROKEN },
                { "EPIPE", GOV_BUS_ERROR_BROKEN },          { "NoSuchUnit", GOV_BUS_ERROR_NOT_INSTALLED },
                { "UnitMasked", GOV_BUS_ERROR_MASKED },
        };
        /* Names with several meanings, which the beginning of the text distinguishes. */
        static const struct {
                const char *name, *text;
                enum gov_bus_error error;
        } texts[] = {
                { "NoReply", "Message recipient disconnected", GOV_BUS_ERROR_ENDED },    /* dbus-daemon */
                { "NoReply", "Remote peer disconnected", GOV_BUS_ERROR_ENDED },          /* dbus-broker */
                { "NoReply", "Connection terminated", GOV_BUS_ERROR_BROKEN },            /* sd-bus, for calls without a reply yet */
                { "LimitsExceeded", "The maximum number of", GOV_BUS_ERROR_LIMIT },      /* dbus-daemon */
                { "LimitsExceeded", "Sending user's quota", GOV_BUS_ERROR_LIMIT },       /* dbus-broker */
                { "AccessDenied", "Rejected ", GOV_BUS_ERROR_FORBIDDEN },                /* dbus-daemon */
                { "AccessDenied", "Sender is not authorized", GOV_BUS_ERROR_FORBIDDEN }, /* dbus-broker */
                { "AccessDenied", "Receiver is not authorized", GOV_BUS_ERROR_FORBIDDEN }, /* dbus-broker */
        };
        const char *dot = strrchr(name, '.'), *last = dot != NULL ? dot + 1 : name;
        int from_bus = sender != NULL && strcmp(sender, "org.freedesktop.DBus") == 0;
        size_t i;

        for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (strcmp(last, texts[i].name) == 0 && gov_bus_error_begins(message, texts[i].text))
                        return texts[i].error;
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(last, names[i].name) == 0)
                        return names[i].error;
        if (strstr(name, ".Spawn.") != NULL)
                return GOV_BUS_ERROR_NOT_STARTED;
        if (from_bus && strcmp(last, "LimitsExceeded") == 0)
                return GOV_BUS_ERROR_LIMIT;
        if (from_bus && strcmp(last, "AccessDenied") == 0)
                return GOV_BUS_ERROR_FORBIDDEN;
        return GOV_BUS_ERROR_OF_SERVICE;
}

/* Returns one English sentence without a full stop, in static memory, or NULL for GOV_BUS_ERROR_OF_SERVICE. */
static inline const char *gov_bus_error_text(enum gov_bus_error error) {
        switch (error) {
        case GOV_BUS_ERROR_OF_SERVICE:
                break;
        case GOV_BUS_ERROR_ABSENT:
                return "governord is not running";
        case GOV_BUS_ERROR_NOT_STARTED:
                return "governord could not be started";
        case GOV_BUS_ERROR_NOT_INSTALLED:
                return "governord is not installed as a service";
        case GOV_BUS_ERROR_MASKED:
                return "the unit of governord is masked";
        case GOV_BUS_ERROR_ENDED:
                return "governord ended before it answered";
        case GOV_BUS_ERROR_SILENT:
                return "governord did not answer in time";
        case GOV_BUS_ERROR_BROKEN:
                return "the system bus closed the connection";
        case GOV_BUS_ERROR_FORBIDDEN:
                return "the message bus refused the call and did not pass it to governord";
        case GOV_BUS_ERROR_LIMIT:
                return "the message bus has reached one of its limits and did not pass the call to governord";
        }
        return NULL;
}

#endif
