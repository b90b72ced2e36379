/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Likely causes of failed reads and writes of knobs, as a table. The first row that matches is reported. */

#include "core/write/diagnose.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/write/apply.h"

static const struct {
        int error;
        const char *knob; /* NULL: any */
        const char *cause;
        bool of_reading; /* applies also to failed reads */
} causes[] = {
        { EBUSY, "epp", "the governor is \"performance\" or the kernel sets the preference itself (dynamic EPP)" },
        { EBUSY, NULL, "another driver or program owns it at the moment", true },
        { EINVAL, "boost",
          "firmware or the global boost switch forbids boost on this core, which is normal on some Ryzen processors" },
        { EINVAL, NULL, "this kernel or firmware does not accept that value" },
        { ERANGE, NULL, "the hardware does not allow this value at present" },
        { EACCES, NULL, "the firmware has locked it, or the kernel is locked down" },
        { EPERM, NULL, "the kernel is locked down, or the service's sandbox forbids it", true },
        { EROFS, NULL, "the service's sandbox made /sys read-only" },
        { ENODEV, NULL, "the CPU or device went offline", true },
        { ENOENT, NULL, "the CPU or device went offline", true },
        { EIO, NULL, "the hardware or firmware rejected the access", true },
        { EOPNOTSUPP, NULL, "this machine does not support it", true },
        { ETIMEDOUT, NULL, "the firmware, or the process of its driver, did not answer in time" },
        { EHOSTDOWN, NULL, "its driver did not answer earlier; all writes to it fail until it has been probed again" },
        { APPLY_ERROR_DIFFERS, NULL, "the kernel or firmware chose another value" },
};

/* Formats the cause with "probably", but not if the cause is unknown. */
static const char *cause_of(const struct knob *knob, int error, char buffer[static 128]) {
        bool reading = knob->failed_at == KNOB_STEP_READ || knob->failed_at == KNOB_STEP_READ_BACK;

        for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
                if (causes[i].error == error && (!causes[i].knob || strcmp(causes[i].knob, knob->name) == 0) &&
                    (causes[i].of_reading || !reading || error == APPLY_ERROR_DIFFERS)) {
                        (void) text_format(buffer, 128, "probably %s", causes[i].cause);
                        return buffer;
                }
        return "the cause is unknown";
}

static int format_step(const struct knob *knob, const char *name, const char *value, const char *error_text, const char *cause,
                       char *ret, size_t size) {
        const char *path = knob->path, *place = path[0] ? path : "its value";

        switch (knob->failed_at) {
        case KNOB_STEP_READ:
                return text_format(ret, size,
                                   "%s: could not read %s: %s; %s; \"%s\" was not written, because the present value would be lost",
                                   name, place, error_text, cause, value);
        case KNOB_STEP_UNFIT:
                return text_format(
                        ret, size,
                        "%s: %s has a value of more than one line, which governord cannot restore; \"%s\" was not written", name,
                        path[0] ? path : "it", value);
        case KNOB_STEP_READ_BACK:
                return text_format(ret, size,
                                   "%s: wrote \"%s\"%s%s, but could not read it back: %s; %s; the present value is unknown", name,
                                   value, path[0] ? " to " : "", path, error_text, cause);
        case KNOB_STEP_WRITE:
                break;
        }
        return text_format(ret, size, "%s: could not write \"%s\"%s%s: %s; %s", name, value, path[0] ? " to " : "", path,
                           error_text, cause);
}

void diagnose_failure(const struct knob *knob, const char *value, int error, char *ret, size_t size) {
        char name[128], buffer[128], wanted[KNOB_SHOWN_MAX], shown[KNOB_SHOWN_MAX];
        const char *error_text = strerrordesc_np(error), *seen = knob->value ? knob_show(knob, knob->value, shown) : "?";
        bool differs = error == APPLY_ERROR_DIFFERS;
        const char *cause = cause_of(knob, error, buffer);
        int r;

        error_text = error_text ? error_text : "unknown error";
        knob_format_name(knob, name, sizeof(name));
        value = knob_show(knob, value, wanted);
        if (differs)
                r = text_format(ret, size, "%s: wrote \"%s\", but \"%s\" is in force; %s", name, value, seen, cause);
        else
                r = format_step(knob, name, value, error_text, cause, ret, size);
        if (r < 0 && differs) /* long names leave no room for the cause */
                (void) text_format(ret, size, "%s: \"%.32s\" is in force", name, seen);
        else if (r < 0)
                (void) text_format(ret, size, "%s: %s", name, error_text);
}
