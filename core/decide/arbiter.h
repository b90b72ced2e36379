/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ARBITER_H
#define CORE_ARBITER_H

#include "core/config/config.h"
#include "core/decide/request.h"
#include "core/machine/topology.h"

/*
 * The arbiter: the only place where all requests are combined into one target for each knob. The highest floor wins, the lowest
 * ceiling wins, and ceilings win over floors. The active profile supplies the defaults. Pure: no clock, no I/O, no state.
 */

#define LEVEL_MAX 1024

/* Returns the hold that decides, or NULL: a hold for power-saver, or for a profile based on it, precedes all others, then
 * performance precedes the rest; among equals the earliest decides. Holds of profiles that are not available do not count. */
const struct request *arbiter_hold(const struct requests *requests, const struct config *config,
                                   const bool available[static PROFILE_BASE_COUNT]);

struct level_range {
        int floor, ceiling; /* -1: no request */
        const struct request *floor_from, *ceiling_from;
};
/* Combines all level requests that apply to this domain; floor <= ceiling when both exist. */
void arbiter_levels(const struct requests *requests, const struct topology *topology, uint32_t scope, uint32_t domain,
                    struct level_range *ret);

/* Converts a level to kHz on a CPU. The result is rounded up, since a floor must not give less than was requested, and clamped to
 * the range of the CPU. Returns -1 when the facts of the CPU are not sufficient. */
int64_t arbiter_level_to_khz(const struct gov_cpu_facts *cpu, int level);

/* Converts a level to the value of a limit that has its own scale, such as those of devices. `unit` is GOV_UNIT_KHZ (1024 is
 * `max`), GOV_UNIT_PERCENT (1024 is 100) or GOV_UNIT_LEVEL. The result is rounded up and clamped to min..max, or, if min > max, to
 * the range of the unit. Returns -1 for other units, for a negative level, and for kHz without a range, where levels have no
 * meaning. */
int64_t arbiter_level_to_own(uint32_t unit, int64_t min, int64_t max, int level);

/* Returns the lower of two limits; -1 means no limit. */
int64_t arbiter_lower(int64_t a, int64_t b);

enum limiter { LIMITER_NONE, LIMITER_PROFILE, LIMITER_FLOOR, LIMITER_CEILING, LIMITER_SESSIONS };

/* Returns the target of a lower (`is_min`) or upper limit knob; -1: leave it alone. `profile` is the value of the profile or -1;
 * `floor` and `ceiling` are in the unit of the knob or -1; `now` is the value before the first write of the service. */
int64_t arbiter_limit(bool is_min, int64_t profile, int64_t floor, int64_t ceiling, int64_t now, enum limiter *ret_by);

#endif
