/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Demands of sessions. The demand of one application never lowers the level below the floors of requests or the levels that other
 * sessions demand. */

#include "core/decide/demand.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define CPUS_MAX 65536

/* Stands for the demands of all sessions where a message names the request that decides. */
static const struct request all_sessions = {
        .kind = REQUEST_LEVEL,
        .door = DOOR_GOVERNORD,
        .owner = (char *) "",
        .application = (char *) "sessions",
        .reason = (char *) "latency targets",
        .pidfd = -1,
        .floor = -1,
        .ceiling = -1,
};

static int make_room(struct demands *demands, uint32_t cpu) {
        struct demand *cpus;
        uint32_t n = cpu + 1;

        if (cpu < demands->n)
                return 0;
        cpus = reallocarray(demands->cpus, n, sizeof(*cpus));
        if (!cpus)
                return -ENOMEM;
        for (uint32_t i = demands->n; i < n; i++)
                cpus[i] = (struct demand){ -1, -1, -1 };
        demands->cpus = cpus;
        demands->n = n;
        return 0;
}

static int16_t level_in_range(int32_t level) {
        return (int16_t) (level < 0 ? -1 : MIN(level, LEVEL_MAX));
}

static bool is_active(const struct demand *demand) {
        return demand->floor >= 0 || demand->ceiling >= 0;
}

int demands_set(struct demands *demands, const struct cpu_demand *items, size_t n) {
        for (size_t i = 0; i < n; i++) {
                struct demand *demand;

                if (items[i].cpu >= CPUS_MAX)
                        continue;
                if (make_room(demands, items[i].cpu) < 0)
                        return -ENOMEM;
                demand = &demands->cpus[items[i].cpu];
                demands->n_active -= is_active(demand);
                *demand = (struct demand){ level_in_range(items[i].floor), level_in_range(items[i].ceiling), -1 };
                demands->n_active += is_active(demand);
        }
        return 0;
}

void demands_set_wake(struct demands *demands, uint32_t cpu, int64_t wake_us) {
        if (cpu < demands->n)
                demands->cpus[cpu].wake_us = wake_us < 0 ? -1 : (int32_t) MIN(wake_us, INT32_MAX);
}

int64_t demands_wake(const struct demands *demands, uint32_t cpu) {
        return demands && cpu < demands->n ? demands->cpus[cpu].wake_us : -1;
}

void demands_done(struct demands *demands) {
        free(demands->cpus);
        *demands = (struct demands){};
}

/* Combines the floors and ceilings on the online CPUs of a domain. The ceiling is -1 if any of these CPUs has none. */
static struct demand add_up(const struct demands *demands, const struct topology *topology, uint32_t scope, uint32_t domain) {
        struct demand sum = { -1, -1, -1 };
        bool all_capped = true;

        for (uint32_t i = 0; i < topology->n_cpus; i++) {
                const struct cpu *cpu = &topology->cpus[i];
                const struct demand *demand = cpu->number < demands->n ? &demands->cpus[cpu->number] : NULL;

                if (!cpu->online || !topology_covers(topology, GOV_SCOPE_CPU, cpu->number, scope, domain))
                        continue;
                if (!demand || demand->ceiling < 0)
                        all_capped = false;
                else
                        sum.ceiling = MAX(sum.ceiling, demand->ceiling);
                if (demand)
                        sum.floor = MAX(sum.floor, demand->floor);
        }
        if (!all_capped)
                sum.ceiling = -1;
        return sum;
}

void demands_merge(const struct demands *demands, const struct topology *topology, uint32_t scope, uint32_t domain,
                   struct level_range *range) {
        struct demand sum;

        if (!demands || demands->n_active == 0)
                return;
        sum = add_up(demands, topology, scope, domain);
        if (sum.ceiling >= 0 && (range->ceiling < 0 || MAX(sum.ceiling, range->floor) < range->ceiling)) {
                range->ceiling = MAX(sum.ceiling, range->floor);
                range->ceiling_from = &all_sessions;
        }
        if (sum.floor > range->floor) {
                range->floor = sum.floor;
                range->floor_from = &all_sessions;
        }
        if (range->ceiling >= 0 && range->floor > range->ceiling) {
                range->floor = range->ceiling;
                range->floor_from = range->ceiling_from;
        }
}

struct cpu_bounds bounds_hull(const struct cpu_bounds *bounds, size_t n) {
        struct cpu_bounds hull = { .floor = n > 0 ? LEVEL_MAX : 0, .ceiling = n > 0 ? 0 : LEVEL_MAX };

        for (size_t i = 0; i < n; i++) {
                hull.floor = MIN(hull.floor, bounds[i].floor);
                hull.ceiling = MAX(hull.ceiling, bounds[i].ceiling);
        }
        return hull;
}
