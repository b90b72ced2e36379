/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps negative errno values to D-Bus errors: to those of org.governord, and to those that power-profiles-daemon returns for the
 * same failure. For an errno without a row, the error is "Failed"; its text is the caller's message, or that of strerror(). */

#include "dbus/bus/errors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dbus/bus/marshal.h"

struct error_row {
        int error;
        const char *name, *ppd_name, *text;
};

static const struct error_row rows[] = {
        { ENOENT, ERROR_INVALID_PROFILE, SD_BUS_ERROR_INVALID_ARGS, "No profile of that name" },
        { EOPNOTSUPP, ERROR_NOT_AVAILABLE, SD_BUS_ERROR_INVALID_ARGS, "This machine does not offer this" },
        { ENODATA, ERROR_NOT_AVAILABLE, SD_BUS_ERROR_FAILED, "This machine does not measure this" },
        { ENXIO, ERROR_NO_SUCH_DOMAIN, SD_BUS_ERROR_INVALID_ARGS, "No domain of that name on this machine" },
        { ESRCH, ERROR_NO_SUCH_REQUEST, SD_BUS_ERROR_INVALID_ARGS, "No request with that cookie" },
        { EDQUOT, ERROR_LIMIT_REACHED, SD_BUS_ERROR_LIMITS_EXCEEDED, "This client has too many requests" },
        { EINVAL, SD_BUS_ERROR_INVALID_ARGS, SD_BUS_ERROR_INVALID_ARGS, "Invalid argument" },
        { EPERM, SD_BUS_ERROR_ACCESS_DENIED, SD_BUS_ERROR_ACCESS_DENIED, "Only the owner may do this" },
        { EBADMSG, ERROR_INVALID_CONFIGURATION, SD_BUS_ERROR_FAILED, "The configuration is not valid" },
        { ENOMEM, SD_BUS_ERROR_NO_MEMORY, SD_BUS_ERROR_NO_MEMORY, "Out of memory" },
        { EMFILE, SD_BUS_ERROR_LIMITS_EXCEEDED, SD_BUS_ERROR_LIMITS_EXCEEDED, "No file descriptor left" },
        { ENOBUFS, SD_BUS_ERROR_LIMITS_EXCEEDED, SD_BUS_ERROR_LIMITS_EXCEEDED, "A limit of the message bus is reached" },
        /* the kernel or the firmware rejected the value */
        { EACCES, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The setting is locked by the firmware or the kernel" },
        { EBUSY, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "Another program or the firmware controls the setting now" },
        { EIO, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware or its driver reported an error" },
        { ERANGE, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware rejected the value" },
        { ENODEV, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware was removed" },
        /* the file system failed */
        { ENOSPC, ERROR_NOT_SAVED, SD_BUS_ERROR_FAILED, "No space left for the ledger" },
        { EROFS, ERROR_NOT_SAVED, SD_BUS_ERROR_FAILED, "The ledger cannot be written" },
};

/* For sessions; any other errno is "Failed". */
static const struct error_row session_rows[] = {
        { ESRCH, ERROR_NO_SUCH_PROCESS, NULL, "The service cannot see the process" },
        { EPERM, SD_BUS_ERROR_ACCESS_DENIED, NULL, "Not allowed" },
        { EDQUOT, ERROR_LIMIT_REACHED, NULL, "Too many sessions" },
        { EUSERS, ERROR_LIMIT_REACHED, NULL, "This process has too many sessions" },
        { EXFULL, ERROR_LIMIT_REACHED, NULL, "Too many rings of ended sessions are still in use" },
        { EOPNOTSUPP, ERROR_NOT_SUPPORTED, NULL, "This service does not support this kind of ring" },
        { EBUSY, ERROR_BUSY, NULL, "The resource is in use; try again" },
        { EINVAL, SD_BUS_ERROR_INVALID_ARGS, NULL, "Invalid argument" },
        { ENOMEM, SD_BUS_ERROR_NO_MEMORY, NULL, "Out of memory" },
        { ENOSPC, SD_BUS_ERROR_NO_MEMORY, NULL, "Out of memory" },
        { EMFILE, SD_BUS_ERROR_LIMITS_EXCEEDED, NULL, "No file descriptor left" },
        { ENFILE, SD_BUS_ERROR_LIMITS_EXCEEDED, NULL, "No file descriptor left" },
        { ENOBUFS, SD_BUS_ERROR_LIMITS_EXCEEDED, NULL, "A limit of the message bus is reached" },
};

static const struct error_row *row_of(int r) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (rows[i].error == -r)
                        return &rows[i];
        return NULL;
}

static const char *sentence(const struct error_row *row, int r, const struct message *message) {
        if (message && message->text[0])
                return message->text;
        return row ? row->text : strerror(-r);
}

int error_set_text(sd_bus_error *error, const char *name, const char *text) {
        _cleanup_free_ char *copy = clean_copy(text);

        return copy ? sd_bus_error_set(error, name, copy) : -ENOMEM;
}

int error_set(sd_bus_error *error, int r, const struct message *message) {
        const struct error_row *row = row_of(r);

        return error_set_text(error, row ? row->name : SD_BUS_ERROR_FAILED, sentence(row, r, message));
}

int error_set_session(sd_bus_error *error, int r, const struct message *message) {
        for (size_t i = 0; i < ARRAY_SIZE(session_rows); i++)
                if (session_rows[i].error == -r)
                        return error_set_text(error, session_rows[i].name, sentence(&session_rows[i], r, message));
        return error_set_text(error, SD_BUS_ERROR_FAILED, sentence(NULL, r, message));
}

int error_set_ppd(sd_bus_error *error, int r, const struct message *message) {
        const struct error_row *row = row_of(r);

        return error_set_text(error, row ? row->ppd_name : SD_BUS_ERROR_FAILED, sentence(row, r, message));
}
