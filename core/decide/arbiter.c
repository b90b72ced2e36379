/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/decide/arbiter.h"

#include "base/cleanup.h"

static unsigned int rank_of(const struct profile *profile) {
        static const unsigned int ranks[PROFILE_BASE_COUNT] = {
                [PROFILE_POWER_SAVER] = 3,
                [PROFILE_PERFORMANCE] = 2,
                [PROFILE_BALANCED] = 1,
        };

        return ranks[profile->base];
}

const struct request *arbiter_hold(const struct requests *requests, const struct config *config,
                                   const bool available[static PROFILE_BASE_COUNT]) {
        const struct request *best = NULL;
        unsigned int best_rank = 0;

        for (size_t i = 0; i < requests->n; i++) {
                const struct request *request = requests->items[i];
                /* NULL if a reload has removed the profile */
                const struct profile *profile = request->kind == REQUEST_PROFILE ? config_profile(config, request->profile) : NULL;

                if (profile && rank_of(profile) > best_rank && available[profile->base]) {
                        best = request;
                        best_rank = rank_of(profile);
                }
        }
        return best;
}

void arbiter_levels(const struct requests *requests, const struct topology *topology, uint32_t scope, uint32_t domain,
                    struct level_range *ret) {
        *ret = (struct level_range){ .floor = -1, .ceiling = -1 };
        for (size_t i = 0; i < requests->n; i++) {
                const struct request *request = requests->items[i];

                if (request->kind != REQUEST_LEVEL || !topology_covers(topology, request->scope, request->domain, scope, domain))
                        continue;
                if (request->floor > ret->floor) {
                        ret->floor = request->floor;
                        ret->floor_from = request;
                }
                if (request->ceiling >= 0 && (ret->ceiling < 0 || request->ceiling < ret->ceiling)) {
                        ret->ceiling = request->ceiling;
                        ret->ceiling_from = request;
                }
        }
        if (ret->ceiling >= 0 && ret->floor > ret->ceiling) {
                ret->floor = ret->ceiling;
                ret->floor_from = ret->ceiling_from;
        }
}

int64_t arbiter_level_to_khz(const struct gov_cpu_facts *cpu, int level) {
        uint64_t khz;

        if (!cpu || cpu->max_khz == 0 || cpu->capacity == 0 || level < 0 || cpu->max_khz > UINT64_MAX / (LEVEL_MAX + 1))
                return -1;
        khz = (cpu->max_khz * (uint64_t) level + cpu->capacity - 1) / cpu->capacity;
        return (int64_t) MIN(MAX(khz, cpu->min_khz), cpu->max_khz);
}

int64_t arbiter_level_to_own(uint32_t unit, int64_t min, int64_t max, int level) {
        const struct {
                int64_t full, max; /* the value of level 1024, and the maximum for instances without a range */
        } scales[GOV_UNIT_COUNT] = {
                [GOV_UNIT_KHZ] = { max, 0 },
                [GOV_UNIT_PERCENT] = { 100, 100 },
                [GOV_UNIT_LEVEL] = { LEVEL_MAX, LEVEL_MAX },
        };
        int64_t full = unit < GOV_UNIT_COUNT ? scales[unit].full : 0, value;

        if (min > max) {
                min = 0;
                max = unit < GOV_UNIT_COUNT ? scales[unit].max : 0;
        }
        if (level < 0 || full <= 0 || max <= 0 || __builtin_mul_overflow(full, (int64_t) level, &value) ||
            __builtin_add_overflow(value, (int64_t) LEVEL_MAX - 1, &value))
                return -1;
        return MIN(MAX(value / LEVEL_MAX, min), max);
}

int64_t arbiter_lower(int64_t a, int64_t b) {
        return a < 0 ? b : b < 0 ? a : MIN(a, b);
}

/* The value of the profile is a default: floors raise a lower limit above it, and ceilings lower both limits. Without such a value, a
 * ceiling has no effect on a limit that is low enough. */
int64_t arbiter_limit(bool is_min, int64_t profile, int64_t floor, int64_t ceiling, int64_t now, enum limiter *ret_by) {
        int64_t target = is_min ? MAX(profile, floor) : profile;

        *ret_by = target < 0 ? LIMITER_NONE : target == profile ? LIMITER_PROFILE : LIMITER_FLOOR;
        if (ceiling < 0 || (target < 0 ? now : target) <= ceiling)
                return target;
        *ret_by = LIMITER_CEILING;
        return ceiling;
}
