/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_FLOOR_H
#define DRIVERS_AMD_FLOOR_H

#include "drivers/common/knobset.h"

/*
 * Floor frequencies ("CPPC Performance Priority", Linux 7.1). At a power or thermal limit, the firmware first slows each core down
 * to its floor frequency. It slows cores down further only if that is not enough. The hardware supports only `count` different floors on the whole
 * machine; with more, its behaviour is undefined. All threads of a core must have the same floor. Therefore the driver
 *
 *  - offers one instance per core, which writes the policies of all its threads;
 *  - defers a request that would result in too many floors. Until writes to other cores make room for the requested floor, the core
 *    gets the lowest current floor that is not below it, otherwise the highest. The driver writes only to cores for which there was
 *    a request, and only values that were requested or that another core has.
 *
 * During a change there may be one floor too many for some microseconds. A deferred request is dropped when another program changes
 * the file.
 */

/* The hardware field for the number of floors has eight bits. */
#define FLOOR_LEVELS_MAX 256

struct floor_levels {
        uint32_t n;
        int64_t khz[FLOOR_LEVELS_MAX];
};

/* Adds a floor, unless the list has one that differs by less than `step`: because of rounding, both may be the same floor for the
 * hardware. */
void floor_levels_add(struct floor_levels *levels, int64_t khz, int64_t step);
/* Returns the floor of the list to use for the requested value `wish`: one that differs by less than `step`, otherwise the lowest
 * one above it, otherwise the highest one. Returns `wish` if the list is empty. */
int64_t floor_levels_pick(const struct floor_levels *levels, int64_t wish, int64_t step);

struct floor_policy;

struct floors {
        const struct gov_host *host;
        struct floor_policy *policies;
        size_t n, room;
        uint32_t count; /* number of different floors that the hardware supports; 0: no limit */
        int64_t step;   /* size of one performance unit in kHz */
};

void floors_init(struct floors *floors, const struct gov_host *host);
void floors_done(struct floors *floors);
/* Adds a policy if the kernel provides its floor. Returns 0 or -ENOMEM. */
int floors_add_policy(struct floors *floors, uint32_t policy);
/* Adds an instance of `row_freq` for each core, and the sensor `row_count`. Must be called after all policies have been added.
 * Returns 0 or a negative errno. */
int floors_add_knobs(struct floors *floors, struct knobset *set, uint32_t row_freq, uint32_t row_count);
/* Writes or defers the floor of the core whose instance has the domain `policy`. Returns 0, -EINVAL, -EOPNOTSUPP, or the negative
 * errno of the kernel. */
int floors_write(struct floors *floors, uint32_t policy, const char *value);

#endif
