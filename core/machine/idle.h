/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_IDLE_H
#define CORE_IDLE_H

#include <stdint.h>

/* Exit latencies of the idle states of CPUs, as reported by cpuidle. They are read once for each CPU on which a session runs. */

struct idle_cpu {
        uint32_t shallow_us, deep_us; /* exit latency of the shallowest state that does not poll, and of the deepest one; both 0: no
                                         such state, or not read yet */
        uint32_t known;               /* 1 once the latencies were read */
};

struct idle {
        struct idle_cpu *cpus; /* by CPU number */
        uint32_t n;
};

void idle_done(struct idle *idle);

/* Returns the longest wake-up time in microseconds that a latency target allows: a twentieth of the target, but not less than the
 * exit latency of the shallowest state, since polling would cost far more energy than it gains. Returns -1 if this limit would
 * forbid no state, or if the latencies are not known. */
int64_t idle_limit(const struct idle_cpu *cpu, uint32_t target_us);
/* As idle_limit(), for one CPU. Reads its latencies from sysfs below root_fd at the first call. */
int64_t idle_limit_of(struct idle *idle, int root_fd, uint32_t cpu, uint32_t target_us);

#endif
