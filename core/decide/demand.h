/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEMAND_H
#define CORE_DEMAND_H

#include "core/decide/arbiter.h"

/* What sessions ask of one CPU together. */
struct cpu_demand {
        uint32_t cpu;
        int32_t floor, ceiling; /* 0..1024, -1 nothing */
        uint32_t target_us;     /* shortest latency target of them, 0 none */
};

/* What profile and requests leave to sessions on one CPU; 0..1024. */
struct cpu_bounds {
        uint32_t cpu, floor, ceiling;
};
/* The range that covers those of all these CPUs, everything without any. `cpu` is 0. */
struct cpu_bounds bounds_hull(const struct cpu_bounds *bounds, size_t n);

/* What sessions ask of each CPU at the moment. Changes a thousand times more often than requests, hence a table of its own. */

struct demand {
        int16_t floor, ceiling; /* 0..1024, -1 nothing */
        int32_t wake_us;        /* longest wake-up that is allowed, -1 any */
};

struct demands {
        struct demand *cpus; /* by CPU number */
        uint32_t n;
        uint32_t n_active; /* that ask for something */
};

/* Takes over what is new. Values out of range are cut, CPUs above 65535 are left out. 0 or -ENOMEM (then some are missing). */
int demands_set(struct demands *demands, const struct cpu_demand *items, size_t n);
/* After demands_set(), for a CPU that has a demand. */
void demands_set_wake(struct demands *demands, uint32_t cpu, int64_t wake_us);
/* -1: any. */
int64_t demands_wake(const struct demands *demands, uint32_t cpu);
void demands_done(struct demands *demands);

/* Adds what sessions ask to what requests add up to, for a domain of CPUs. The highest floor wins. A session's ceiling says "no more is needed
 * for me": it counts only where every CPU of the domain has one, then the highest, and it never goes below a request's floor. */
void demands_merge(const struct demands *demands, const struct topology *topology, uint32_t scope, uint32_t domain,
                   struct level_range *range);

#endif
