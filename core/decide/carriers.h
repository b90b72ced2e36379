/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CARRIERS_H
#define CORE_CARRIERS_H

#include <stdbool.h>

#include "core/decide/plan.h"

/* Determines which drivers carry out a standard profile, and thus whether the machine offers it, by the rules of
 * power-profiles-daemon. */

struct carriers {
        const struct plugin *cpu, *platform, *other; /* NULL: none; the name of `other` is used only if the first two are NULL */
};

/* Finds the drivers for the profile of `input`. Reads no knobs. If memory is short, some drivers may be missing. */
void carriers_find(const struct plan_input *input, struct knobs *knobs, struct carriers *ret);
/* Returns true for power-saver and balanced. Returns true for performance if one of its lines can set a knob of a CPU driver or of
 * a driver of another kind (GOV_KIND_OTHER), or applies to a writable platform profile that offers both balanced and
 * performance. */
bool carriers_offer(const struct carriers *carriers, enum profile_base base);
/* Sets the names of the drivers for the property Profiles of power-profiles-daemon; NULL if there is none (*ret_platform may be
 * "placeholder"). */
void carriers_names(const struct carriers *carriers, enum profile_base base, const char **ret_cpu, const char **ret_platform);

#endif
