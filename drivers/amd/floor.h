/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_FLOOR_H
#define DRIVERS_AMD_FLOOR_H

#include "drivers/common/knobset.h"

/*
 * Floor frequencies ("CPPC Performance Priority", Linux 7.1): how far a core may be slowed down at a power or thermal limit before
 * all others are slowed down as well. The hardware distinguishes only `count` different floors, machine-wide; with more its
 * behaviour is undefined. All threads of a core must have the same floor. So the driver
 *
 *  - offers one instance per core, which writes the policies of all its threads;
 *  - defers a request that would result in one floor too many: the core gets the lowest floor in force that is not below the
 *    requested one (otherwise the highest), and the requested one as soon as writes to other cores make room. The driver never
 *    writes to a core for which there was no request, and never writes a value that is neither requested nor in force on another
 *    core.
 *
 * During a change, for microseconds, one floor more may be in force. A deferred request is dropped when another program changes the
 * file.
 */

/* The hardware's counter has eight bits. */
#define FLOOR_LEVELS_MAX 256

struct floor_levels {
        uint32_t n;
        int64_t khz[FLOOR_LEVELS_MAX];
};

/* Adds a floor, unless the list has one that differs by less than `step`: because of the hardware's rounding both may be the same
 * floor, and the first one then represents both. */
void floor_levels_add(struct floor_levels *levels, int64_t khz, int64_t step);
/* Returns the floor to use for the request `wish` if no further floor may be added: one that differs by less than `step`, otherwise
 * the lowest one that is not below it, otherwise the highest. Returns `wish` itself if the list is empty. */
int64_t floor_levels_pick(const struct floor_levels *levels, int64_t wish, int64_t step);

struct floor_policy;

struct floors {
        const struct gov_host *host;
        struct floor_policy *policies;
        size_t n, room;
        uint32_t count; /* number of different floors that the hardware supports; 0: no limit */
        int64_t step;   /* kHz per unit of performance */
};

void floors_init(struct floors *floors, const struct gov_host *host);
void floors_done(struct floors *floors);
/* Adds a policy, if the kernel provides its floor. 0 or -ENOMEM. */
int floors_add_policy(struct floors *floors, uint32_t policy);
/* Adds one instance of `row_freq` per core, and the sensor `row_count`. To be called after all policies. 0 or negative errno. */
int floors_add_knobs(struct floors *floors, struct knobset *set, uint32_t row_freq, uint32_t row_count);
/* Writes the floor of the core whose instance has the domain `policy`. -EINVAL, -EOPNOTSUPP, or errno of the kernel. */
int floors_write(struct floors *floors, uint32_t policy, const char *value);

#endif
