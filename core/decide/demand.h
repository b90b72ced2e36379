/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEMAND_H
#define CORE_DEMAND_H

#include "core/decide/arbiter.h"

/* The combined demand of all sessions on one CPU. */
struct cpu_demand {
        uint32_t cpu;
        int32_t floor, ceiling; /* 0..1024, -1 nothing */
        uint32_t target_us;     /* shortest latency target of these sessions, 0 none */
};

/* The levels that profile and requests leave to sessions on one CPU; 0..1024. */
struct cpu_bounds {
        uint32_t cpu, floor, ceiling;
};
/* Returns the smallest range that contains the ranges of all these CPUs; 0..1024 when n is 0. `cpu` is 0. */
struct cpu_bounds bounds_hull(const struct cpu_bounds *bounds, size_t n);

/* The demand of sessions on each CPU. It changes about a thousand times more often than requests and therefore has its own
 * table. */

struct demand {
        int16_t floor, ceiling; /* 0..1024, -1 nothing */
        int32_t wake_us;        /* longest wake-up time that is allowed, -1 any */
};

struct demands {
        struct demand *cpus; /* by CPU number */
        uint32_t n;
        uint32_t n_active; /* CPUs with a floor or a ceiling */
};

/* Stores new demands. Values out of range are clamped; CPUs above 65535 are ignored. Returns 0, or -ENOMEM: then some demands are
 * missing. */
int demands_set(struct demands *demands, const struct cpu_demand *items, size_t n);
/* To be called after demands_set(), for a CPU that has a demand. */
void demands_set_wake(struct demands *demands, uint32_t cpu, int64_t wake_us);
/* Returns -1 if any wake-up time is allowed. */
int64_t demands_wake(const struct demands *demands, uint32_t cpu);
void demands_done(struct demands *demands);

/* Combines the demands of sessions with the range of the requests, for a domain of CPUs. The highest floor wins. The ceiling of a
 * session means that this session needs no more: it counts only if every CPU of the domain has one; then the highest of them
 * counts, but not below the floor of a request. */
void demands_merge(const struct demands *demands, const struct topology *topology, uint32_t scope, uint32_t domain,
                   struct level_range *range);

#endif
