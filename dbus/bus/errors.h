/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_ERRORS_H
#define DBUS_ERRORS_H

#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

#define ERROR_INVALID_PROFILE       "org.governord.Error.InvalidProfile"
#define ERROR_NOT_AVAILABLE         "org.governord.Error.NotAvailable"
#define ERROR_NO_SUCH_DOMAIN        "org.governord.Error.NoSuchDomain"
#define ERROR_NO_SUCH_REQUEST       "org.governord.Error.NoSuchRequest"
#define ERROR_LIMIT_REACHED         "org.governord.Error.LimitReached"
#define ERROR_HARDWARE_REFUSED      "org.governord.Error.HardwareRefused"
#define ERROR_NOT_SAVED             "org.governord.Error.NotSaved"
#define ERROR_INVALID_CONFIGURATION "org.governord.Error.InvalidConfiguration"
#define ERROR_NOT_SUPPORTED         "org.governord.Error.NotSupported"
#define ERROR_NO_SUCH_GOVERNOR      "org.governord.Error.NoSuchGovernor"
#define ERROR_NO_SUCH_PROCESS       "org.governord.Error.NoSuchProcess"
#define ERROR_BUSY                  "org.governord.Error.Busy"

/* Sets an error with a text that may contain bytes that are not UTF-8; they are replaced by '?'. Returns a negative value. */
int error_set_text(sd_bus_error *error, const char *name, const char *text);

/* Sets the D-Bus error for the negative errno `r` of a manager function. The text is `message`, or a general one if `message` is
 * NULL or empty. The errno values are those documented in manager.h, with two exceptions: an unknown cookie must be -ESRCH, and an
 * invalid configuration -EBADMSG. Returns a negative value, so that a handler can `return error_set(...)`. */
int error_set(sd_bus_error *error, int r, const struct message *message);
/* Like error_set(), with the error names that clients of power-profiles-daemon expect. */
int error_set_ppd(sd_bus_error *error, int r, const struct message *message);
/* Like error_set(), for the errno values of core/sessions/sessions.h, which concern processes, rings and descriptors. */
int error_set_session(sd_bus_error *error, int r, const struct message *message);

#endif
