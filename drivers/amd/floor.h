/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_FLOOR_H
#define DRIVERS_AMD_FLOOR_H

#include "drivers/common/knobset.h"

/*
 * Floor frequencies ("CPPC Performance Priority", Linux 7.1): how far a core may be slowed down when power or heat runs short,
 * before all others are slowed down as well. The hardware tells only `count` different floors apart, machine-wide, and does
 * anything it likes when there are more; the threads of a core must agree. So the driver
 *
 *  - offers one instance per core, which writes the policies of all its threads;
 *  - keeps a wish that would make one floor too many waiting, gives the core the lowest floor in force that is not below the wish
 *    (or else the highest), and fulfils it as soon as the writes to other cores make room. It never writes to a core
 *    that was not asked for, and never a value that neither was asked for nor is in force elsewhere.
 *
 * Only while a change is under way, for microseconds, one floor more may be in force. A wish is forgotten when another program
 * changes the file.
 */

/* The hardware's counter has eight bits. */
#define FLOOR_LEVELS_MAX 256

struct floor_levels {
        uint32_t n;
        int64_t khz[FLOOR_LEVELS_MAX];
};

/* Notes a floor unless one within less than `step` of it is noted already: the hardware rounds, so they may be one floor or
 * two, and the first then stands for both. */
void floor_levels_add(struct floor_levels *levels, int64_t khz, int64_t step);
/* The floor to use for `wish` when there may be no further one: one within less than `step`, else the lowest that is not lower,
 * else the highest. `wish` itself when there is none. */
int64_t floor_levels_pick(const struct floor_levels *levels, int64_t wish, int64_t step);

struct floor_policy;

struct floors {
        const struct gov_host *host;
        struct floor_policy *policies;
        size_t n, room;
        uint32_t count; /* different floors that the hardware knows; 0 without limit */
        int64_t step;   /* kHz per unit of performance */
};

void floors_init(struct floors *floors, const struct gov_host *host);
void floors_done(struct floors *floors);
/* Takes a policy in, if the kernel offers the floor. 0 or -ENOMEM. */
int floors_add_policy(struct floors *floors, uint32_t policy);
/* Adds one instance of `row_freq` per core, and the sensor `row_count`. To be called after all policies. 0 or negative errno. */
int floors_add_knobs(struct floors *floors, struct knobset *set, uint32_t row_freq, uint32_t row_count);
/* Writes the floor of the core whose instance has the domain `policy`. -EINVAL, -EOPNOTSUPP, or errno of the kernel. */
int floors_write(struct floors *floors, uint32_t policy, const char *value);

#endif
