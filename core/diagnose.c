/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guesses at why the kernel refused a value, as a table of what is known. The first row that fits is told. */

#include "core/diagnose.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/apply.h"

static const struct {
        int error;
        const char *knob; /* NULL: any */
        const char *cause;
} causes[] = {
        { EBUSY, "epp", "the governor is \"performance\" or the kernel sets the preference itself (dynamic EPP)" },
        { EBUSY, NULL, "another driver or program owns it at the moment" },
        { EINVAL, "boost", "firmware or the global boost switch forbids boost on this core, which is normal on some Ryzen" },
        { EINVAL, NULL, "this kernel or firmware does not take that value" },
        { ERANGE, NULL, "the value is outside of what this hardware allows now" },
        { EACCES, NULL, "firmware has locked it, or the kernel is locked down" },
        { EPERM, NULL, "the kernel is locked down, or the service's sandbox forbids it" },
        { EROFS, NULL, "the service's sandbox made /sys read-only" },
        { ENODEV, NULL, "the CPU or device went offline" },
        { ENOENT, NULL, "the CPU or device went offline" },
        { EIO, NULL, "the hardware or firmware refused" },
        { EOPNOTSUPP, NULL, "this machine cannot do that" },
        { APPLY_ERROR_DIFFERS, NULL, "the kernel or firmware chose another value" },
};

static const char *cause_of(const struct knob *knob, int error) {
        for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
                if (causes[i].error == error && (!causes[i].knob || strcmp(causes[i].knob, knob->name) == 0))
                        return causes[i].cause;
        return "the cause is not known";
}

void diagnose_failure(const struct knob *knob, const char *value, int error, char *ret, size_t size) {
        const char *error_text = strerrordesc_np(error), *seen = knob->value ? knob->value : "?";
        bool differs = error == APPLY_ERROR_DIFFERS;
        char name[128];
        int r;

        knob_format_name(knob, name, sizeof(name));
        if (differs)
                r = text_format(ret, size, "%s: wrote \"%s\", but \"%s\" is in force; probably %s", name, value, seen, cause_of(knob, error));
        else
                r = text_format(ret, size, "%s: could not write \"%s\"%s%s: %s; probably %s", name, value, knob->path[0] ? " to " : "",
                                knob->path, error_text ? error_text : "unknown error", cause_of(knob, error));
        if (r < 0 && differs) /* long names: the facts without the guess */
                (void) text_format(ret, size, "%s: \"%.32s\" is in force", name, seen);
        else if (r < 0)
                (void) text_format(ret, size, "%s: %s", name, error_text ? error_text : "unknown error");
}
