/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CARRIERS_H
#define CORE_CARRIERS_H

#include <stdbool.h>

#include "core/decide/plan.h"

/* Which drivers carry out a base profile, and therefore whether the machine offers it. The rule is that of
 * power-profiles-daemon. */

struct carriers {
        const struct plugin *cpu, *platform, *other; /* NULL: none; `other` counts only if the first two are NULL */
};

/* Finds the drivers for the profile of `input`. Reads no knobs. */
void carriers_find(const struct plan_input *input, struct knobs *knobs, struct carriers *ret);
/* Returns true for power-saver and balanced; for performance if one of its lines applies to a setting of a CPU driver, to a
 * complete platform profile, or to a setting of a driver that is neither. */
bool carriers_offer(const struct carriers *carriers, enum profile_base base);
/* Sets the names of the drivers for PPD's Profiles; NULL when there is none (*ret_platform may be "placeholder"). */
void carriers_names(const struct carriers *carriers, enum profile_base base, const char **ret_cpu, const char **ret_platform);

#endif
