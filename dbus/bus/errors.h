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

/* Sets an error whose text did not come from the bus; bytes that are not UTF-8 are replaced by '?'. Returns a negative value. */
int error_set_text(sd_bus_error *error, const char *name, const char *text);

/* Sets the D-Bus error for a manager function's negative errno, with its sentence, or a general one if there is none (NULL or "").
 * `r` has the meaning that manager.h gives it, except that an unknown cookie must be -ESRCH and an invalid configuration -EBADMSG.
 * Returns a negative value, for `return error_set(...)` in a handler. */
int error_set(sd_bus_error *error, int r, const struct message *message);
/* The same with the names that power-profiles-daemon's clients know. */
int error_set_ppd(sd_bus_error *error, int r, const struct message *message);
/* The same for functions of core/sessions/sessions.h, where an errno is about processes, rings and descriptors. */
int error_set_session(sd_bus_error *error, int r, const struct message *message);

#endif
