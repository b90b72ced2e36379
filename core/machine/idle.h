/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_IDLE_H
#define CORE_IDLE_H

#include <stdint.h>

/* Limits on the exit latency of idle states, derived from the latency targets of sessions. The latencies of a CPU are read from
 * cpuidle once, when its first limit is determined. */

struct idle_cpu {
        uint32_t shallow_us, deep_us; /* exit latencies of the shallowest state that does not poll and of the deepest state; both 0
                                         if there are no such states, or before they are read */
        uint32_t known;               /* 1 once the latencies were read */
};

struct idle {
        struct idle_cpu *cpus; /* by CPU number */
        uint32_t n;
};

void idle_done(struct idle *idle);

/* Returns the longest exit latency in microseconds that a latency target allows: a twentieth of the target, but not less than that
 * of the shallowest state, since a CPU that polls instead of sleeping consumes far too much energy. Returns -1 if this limit would
 * exclude no state, if the latencies are unknown, or if target_us is 0. */
int64_t idle_limit(const struct idle_cpu *cpu, uint32_t target_us);
/* Like idle_limit(), for the CPU with this number. Reads its latencies from sysfs below root_fd at the first call. Also returns -1
 * if memory allocation fails. */
int64_t idle_limit_of(struct idle *idle, int root_fd, uint32_t cpu, uint32_t target_us);

#endif
