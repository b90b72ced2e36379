/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps negative errno to D-Bus error names: those of our own API, and those that power-profiles-daemon uses for the
 * same failure. An errno that is not in the table is "Failed", with the text of strerror(). */

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
        { EOPNOTSUPP, ERROR_NOT_AVAILABLE, SD_BUS_ERROR_INVALID_ARGS, "This machine does not offer it" },
        { ENODATA, ERROR_NOT_AVAILABLE, SD_BUS_ERROR_FAILED, "This machine does not measure it" },
        { ENXIO, ERROR_NO_SUCH_DOMAIN, SD_BUS_ERROR_INVALID_ARGS, "No domain of that name on this machine" },
        { ESRCH, ERROR_NO_SUCH_REQUEST, SD_BUS_ERROR_INVALID_ARGS, "No request with that cookie" },
        { EDQUOT, ERROR_LIMIT_REACHED, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many requests of this client" },
        { EINVAL, SD_BUS_ERROR_INVALID_ARGS, SD_BUS_ERROR_INVALID_ARGS, "Invalid argument" },
        { EPERM, SD_BUS_ERROR_ACCESS_DENIED, SD_BUS_ERROR_ACCESS_DENIED, "Only its owner may do that" },
        { EBADMSG, ERROR_INVALID_CONFIGURATION, SD_BUS_ERROR_FAILED, "The configuration is not valid" },
        { ENOMEM, SD_BUS_ERROR_NO_MEMORY, SD_BUS_ERROR_NO_MEMORY, "Out of memory" },
        { EMFILE, SD_BUS_ERROR_LIMITS_EXCEEDED, SD_BUS_ERROR_LIMITS_EXCEEDED, "No file descriptor left" },
        { ENOBUFS, SD_BUS_ERROR_LIMITS_EXCEEDED, SD_BUS_ERROR_LIMITS_EXCEEDED, "A limit of the message bus is reached" },
        /* the kernel or the firmware rejected the value */
        { EACCES, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "Locked by firmware or kernel" },
        { EBUSY, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "Another program or the firmware controls it now" },
        { EIO, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware refused" },
        { ERANGE, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware refused the value" },
        { ENODEV, ERROR_HARDWARE_REFUSED, SD_BUS_ERROR_FAILED, "The hardware has gone" },
        /* the file system failed */
        { ENOSPC, ERROR_NOT_SAVED, SD_BUS_ERROR_FAILED, "No space left for the ledger" },
        { EROFS, ERROR_NOT_SAVED, SD_BUS_ERROR_FAILED, "The ledger cannot be written" },
};

/* For sessions; any other errno is "Failed". */
static const struct error_row session_rows[] = {
        { ESRCH, ERROR_NO_SUCH_PROCESS, NULL, "The process cannot be seen" },
        { EPERM, SD_BUS_ERROR_ACCESS_DENIED, NULL, "Not allowed" },
        { EDQUOT, ERROR_LIMIT_REACHED, NULL, "Too many sessions" },
        { EUSERS, ERROR_LIMIT_REACHED, NULL, "Too many sessions of this process" },
        { EXFULL, ERROR_LIMIT_REACHED, NULL, "Too many rings of ended sessions" },
        { EOPNOTSUPP, ERROR_NOT_SUPPORTED, NULL, "No such ring here" },
        { EBUSY, ERROR_BUSY, NULL, "Try again" },
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
