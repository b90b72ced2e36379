/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEGRADED_H
#define CORE_DEGRADED_H

#include "core/machine/knob.h"

/* Reasons why the machine, or the service, does less than the profile demands. A bit mask. */
#define DEGRADED_HEAT      UINT32_C(0x1)  /* high-operating-temperature */
#define DEGRADED_LAP       UINT32_C(0x2)  /* lap-detected */
#define DEGRADED_KNOBS     UINT32_C(0x4)  /* knobs-failed: not shown on PPD's API */
#define DEGRADED_NOT_SAVED UINT32_C(0x8)  /* state-not-saved: choices or original values could not be saved; likewise */
#define DEGRADED_CONFIG    UINT32_C(0x10) /* configuration-not-used; likewise */
#define DEGRADED_LIMITED   UINT32_C(0x20) /* limited-from-before; likewise */

/* Returns true if a sensor of lap mode reports lap mode now. */
bool degraded_by_lap(const struct knobs *knobs);
/* Returns true if a knob could not be set. */
bool degraded_by_failures(const struct knobs *knobs);
/* Returns the reasons that follow from the knobs: sensors of heat and of lap mode, which are read; settings that failed; and upper
 * limits that were in force before, which are no reason for a profile that saves power. */
uint32_t degraded_by_knobs(const struct knobs *knobs, bool saves_power);
/* Returns the number of upper limits from before that are in force; *ret is the first of them. */
uint32_t degraded_count_limits(const struct knobs *knobs, const struct knob **ret);

#endif
