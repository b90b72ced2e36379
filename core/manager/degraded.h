/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEGRADED_H
#define CORE_DEGRADED_H

#include "core/machine/knob.h"

/* Reasons why the machine or the service does not work as the profile demands, as a bit mask. Each comment begins with the name of
 * the reason on D-Bus. PPD's interfaces report only the first two. */
#define DEGRADED_HEAT      UINT32_C(0x1)  /* high-operating-temperature */
#define DEGRADED_LAP       UINT32_C(0x2)  /* lap-detected */
#define DEGRADED_KNOBS     UINT32_C(0x4)  /* knobs-failed */
#define DEGRADED_NOT_SAVED UINT32_C(0x8)  /* state-not-saved: choices or original values could not be saved */
#define DEGRADED_CONFIG    UINT32_C(0x10) /* configuration-not-used */
#define DEGRADED_LIMITED   UINT32_C(0x20) /* limited-from-before */

/* Reads the lap mode sensors. Returns true if any of them reports lap mode. */
bool degraded_by_lap(const struct knobs *knobs);
/* Returns true if any knob could not be set. */
bool degraded_by_failures(const struct knobs *knobs);
/* Returns the reasons that follow from the knobs: heat and lap mode (their sensors are read), failed settings, and, unless the
 * profile `saves_power`, low upper limits that the service has not set. */
uint32_t degraded_by_knobs(const struct knobs *knobs, bool saves_power);
/* Returns the number of low upper limits that the service has not set (knob_is_leftover_limit()), and sets *ret to the first of
 * them, if any. */
uint32_t degraded_count_limits(const struct knobs *knobs, const struct knob **ret);

#endif
