/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEMAND_H
#define CORE_DEMAND_H

#include "core/decide/arbiter.h"

/* The combined demand of all sessions on one CPU. */
struct cpu_demand {
        uint32_t cpu;
        int32_t floor, ceiling; /* 0..1024, -1 none */
        uint32_t target_us;     /* shortest latency target of these sessions, 0 none */
};

/* The range of levels (0..1024) that requests allow sessions on one CPU. Floors of requests do not restrict sessions, so the
 * manager passes floor = 0. */
struct cpu_bounds {
        uint32_t cpu, floor, ceiling;
};
/* Returns the smallest range that contains the ranges of all these CPUs; 0..1024 when n is 0. `cpu` is 0. */
struct cpu_bounds bounds_hull(const struct cpu_bounds *bounds, size_t n);

/* The demands of sessions on each CPU. They change far more often than requests, and therefore have their own table. */

struct demand {
        int16_t floor, ceiling; /* 0..1024, -1 none */
        int32_t wake_us;        /* longest exit latency of idle states that is allowed, in microseconds; -1 any */
};

struct demands {
        struct demand *cpus; /* by CPU number */
        uint32_t n;
        uint32_t n_active; /* CPUs with a floor or a ceiling */
};

/* Replaces the demands on these CPUs; they then have no limit on the exit latency of idle states. Values out of range are clamped;
 * CPUs above 65535 are ignored. Returns 0, or -ENOMEM: then some demands are missing. */
int demands_set(struct demands *demands, const struct cpu_demand *items, size_t n);
/* Sets the longest exit latency of idle states that is allowed; negative: any. To be called after demands_set(), for a CPU with a
 * demand. */
void demands_set_wake(struct demands *demands, uint32_t cpu, int64_t wake_us);
/* Returns the longest exit latency of idle states that is allowed, in microseconds, -1 if any is. `demands` may be NULL. */
int64_t demands_wake(const struct demands *demands, uint32_t cpu);
void demands_done(struct demands *demands);

/* Merges the demands of sessions on a domain of CPUs into `range`, which is the range of the requests before the call. The highest
 * floor wins. The ceiling of a session means that this session needs no more. Ceilings of sessions count only if every online CPU
 * of the domain has one; then the highest of them counts, but not below the floor of a request. `demands` may be NULL. */
void demands_merge(const struct demands *demands, const struct topology *topology, uint32_t scope, uint32_t domain,
                   struct level_range *range);

#endif
