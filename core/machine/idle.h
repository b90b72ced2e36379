/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_IDLE_H
#define CORE_IDLE_H

#include <stdint.h>

/* How long the idle states of CPUs take to wake up from, as cpuidle says; read once for each CPU that a session runs on. */

struct idle_cpu {
        uint32_t shallow_us, deep_us; /* shortest but polling, longest; both 0: none, or not read yet */
        uint32_t known;               /* 1: read */
};

struct idle {
        struct idle_cpu *cpus; /* by CPU number */
        uint32_t n;
};

void idle_done(struct idle *idle);

/* The longest wake-up that a latency target leaves room for, in microseconds: a twentieth of it, but never less than the shallowest state takes,
 * since polling would cost far more than it gains. -1 when that would forbid no state, or nothing is known. */
int64_t idle_limit(const struct idle_cpu *cpu, uint32_t target_us);
/* The same for a CPU of a machine. */
int64_t idle_limit_of(struct idle *idle, int root_fd, uint32_t cpu, uint32_t target_us);

#endif
