/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CPU_NOW_H
#define CORE_CPU_NOW_H

#include <stdint.h>

/* What CPUs do at the moment. Read on request, for display; nothing is decided by it. */

struct cpu_times {
        uint64_t idle_usec, total_usec; /* since boot; 0: not known */
};

/* The times of CPUs 0 to n - 1, from /proc/stat; those that it does not name become 0. Negative errno when it cannot be read. */
int cpu_times_read(int root_fd, struct cpu_times *ret, uint32_t n);
/* The present frequency in kHz, as cpufreq tells it; 0: not known. */
uint64_t cpu_khz_now(int root_fd, uint32_t cpu);

#endif
