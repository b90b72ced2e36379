/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ARBITER_H
#define CORE_ARBITER_H

#include "core/config/config.h"
#include "core/decide/request.h"
#include "core/machine/topology.h"

/* The arbiter combines all requests into one target for each knob. The highest floor wins, the lowest ceiling wins, and ceilings
 * take precedence over floors. The active profile supplies the defaults. These functions are pure: no clock, no I/O, no state. */

#define LEVEL_MAX 1024

/* Returns the hold that decides the profile, NULL if there is none. Holds of power-saver take precedence over holds of performance,
 * and these over holds of balanced; any other profile counts as the standard profile from which it inherits, directly or through
 * other profiles. Among equals, the earliest hold decides. Holds of profiles that are not available or no longer configured are
 * ignored. */
const struct request *arbiter_hold(const struct requests *requests, const struct config *config,
                                   const bool available[static PROFILE_BASE_COUNT]);

struct level_range {
        int floor, ceiling; /* -1: no request */
        const struct request *floor_from, *ceiling_from;
};
/* Combines all level requests that apply to this domain. If both exist, floor <= ceiling. */
void arbiter_levels(const struct requests *requests, const struct topology *topology, uint32_t scope, uint32_t domain,
                    struct level_range *ret);

/* Converts a level to kHz on a CPU. The result is rounded up, so that a floor gives at least what was requested, and clamped to the
 * range of the CPU. Returns -1 if `level` is negative, or if `cpu` is NULL or does not state its capacity and its maximum
 * frequency. */
int64_t arbiter_level_to_khz(const struct gov_cpu_facts *cpu, int level);

/* Converts a level to the value of a limit that has its own scale, such as those of devices. `unit` is GOV_UNIT_KHZ (1024 is
 * `max`), GOV_UNIT_PERCENT (1024 is 100) or GOV_UNIT_LEVEL. The result is rounded up and clamped to min..max, or, if min > max, to
 * the range of the unit. Returns -1 for other units, for a negative level, for a range whose `max` is not positive, and for kHz
 * without a range, where levels have no meaning. */
int64_t arbiter_level_to_own(uint32_t unit, int64_t min, int64_t max, int level);

/* Returns the lower of two limits; -1 means no limit. */
int64_t arbiter_lower(int64_t a, int64_t b);

enum limiter { LIMITER_NONE, LIMITER_PROFILE, LIMITER_FLOOR, LIMITER_CEILING, LIMITER_SESSIONS };

/* Returns the target of a knob that is a lower (`is_min`) or upper limit; -1: leave it alone. `profile` is the value of the
 * profile, -1 none; `floor` and `ceiling` are in the unit of the knob, -1 none; `now` is the value before the first write of the
 * service. A floor does not count for an upper limit. */
int64_t arbiter_limit(bool is_min, int64_t profile, int64_t floor, int64_t ceiling, int64_t now, enum limiter *ret_by);

#endif
