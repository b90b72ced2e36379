/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CARRIERS_H
#define CORE_CARRIERS_H

#include <stdbool.h>

#include "core/decide/plan.h"

/* Which drivers carry a base profile out, by power-profiles-daemon's rule, and so whether the machine offers it. */

struct carriers {
        const struct plugin *cpu, *platform, *other; /* NULL none; the last counts only where the others are not */
};

/* Of the profile of `input`. Knobs are not read. */
void carriers_find(const struct plan_input *input, struct knobs *knobs, struct carriers *ret);
/* power-saver and balanced always; performance when a line of it applies to a setting of a CPU driver, of a complete platform profile, or
 * of any driver that is neither. */
bool carriers_offer(const struct carriers *carriers, enum profile_base base);
/* Names for PPD's Profiles; NULL when there is none (*ret_platform may be "placeholder"). */
void carriers_names(const struct carriers *carriers, enum profile_base base, const char **ret_cpu, const char **ret_platform);

#endif
