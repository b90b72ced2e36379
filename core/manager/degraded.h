/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEGRADED_H
#define CORE_DEGRADED_H

#include "core/machine/knob.h"

/* Why the machine, or the service, does less than the profile says. Bits. */
#define DEGRADED_HEAT      UINT32_C(0x1)  /* high-operating-temperature */
#define DEGRADED_LAP       UINT32_C(0x2)  /* lap-detected */
#define DEGRADED_KNOBS     UINT32_C(0x4)  /* knobs-failed: not shown on PPD's API */
#define DEGRADED_NOT_SAVED UINT32_C(0x8)  /* state-not-saved, of choices or of originals: likewise */
#define DEGRADED_CONFIG    UINT32_C(0x10) /* configuration-not-used: likewise */
#define DEGRADED_LIMITED   UINT32_C(0x20) /* limited-from-before: likewise */

/* A sensor of lap mode says so now. */
bool degraded_by_lap(const struct knobs *knobs);
/* A knob could not be set. */
bool degraded_by_failures(const struct knobs *knobs);
/* What the knobs tell: sensors of heat and of lap mode, which are read, settings that failed, and limits from before, which to a profile that
 * saves power do no harm. */
uint32_t degraded_by_knobs(const struct knobs *knobs, bool saves_power);
/* The upper limits from before that are in force. Their number; *ret is the first. */
uint32_t degraded_count_limits(const struct knobs *knobs, const struct knob **ret);

#endif
