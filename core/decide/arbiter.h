/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ARBITER_H
#define CORE_ARBITER_H

#include "core/config/config.h"
#include "core/decide/request.h"
#include "core/machine/topology.h"

/*
 * The arbiter: the one rule that turns all requests into one target for each knob. The highest floor wins, the lowest ceiling wins,
 * ceilings beat floors; the active profile gives the defaults. Pure: no clock, no I/O, no state.
 */

#define LEVEL_MAX 1024

/* The hold that decides, or NULL: any for (something based on) power-saver before any other, then performance before the rest;
 * among equals the earliest. Holds of profiles that are not available do not count. */
const struct request *arbiter_hold(const struct requests *requests, const struct config *config,
                                   const bool available[static PROFILE_BASE_COUNT]);

struct level_range {
        int floor, ceiling; /* -1: no request */
        const struct request *floor_from, *ceiling_from;
};
/* What all level requests that touch this domain add up to; floor <= ceiling when both are there. */
void arbiter_levels(const struct requests *requests, const struct topology *topology, uint32_t scope, uint32_t domain,
                    struct level_range *ret);

/* Level to kHz on a CPU: rounded up, since a floor must not give less than was asked for; clamped to what the CPU has. -1 when its
 * facts do not say. */
int64_t arbiter_level_to_khz(const struct gov_cpu_facts *cpu, int level);

/* Level on a limit that has a scale of its own, as devices have. `unit` is GOV_UNIT_KHZ (1024 is `max`), GOV_UNIT_PERCENT (1024 is
 * 100) or GOV_UNIT_LEVEL. Rounded up and clamped to min..max; with min > max, to what the unit allows. -1: other units, no
 * level, and kHz without a range, where levels mean nothing. */
int64_t arbiter_level_to_own(uint32_t unit, int64_t min, int64_t max, int level);

/* The lower of two limits; -1 is none. */
int64_t arbiter_lower(int64_t a, int64_t b);

enum limiter { LIMITER_NOBODY, LIMITER_PROFILE, LIMITER_FLOOR, LIMITER_CEILING, LIMITER_SESSIONS };

/* Target of a lower (`is_min`) or upper limit knob. `profile` is the profile's value or -1; `floor` and `ceiling` are in the knob's
 * unit or -1; `now` is what the knob had before we came. -1: leave alone. */
int64_t arbiter_limit(bool is_min, int64_t profile, int64_t floor, int64_t ceiling, int64_t now, enum limiter *ret_by);

#endif
