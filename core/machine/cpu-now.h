/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CPU_NOW_H
#define CORE_CPU_NOW_H

#include <stdint.h>

/* Present idle times and frequencies of the CPUs, for display only: no decision depends on them. */

struct cpu_times {
        uint64_t idle_usec, total_usec; /* since boot; 0 if unknown */
};

/* Reads the times of CPUs 0 to n - 1 from /proc/stat. CPUs that the file does not list get 0, and so do those after the first
 * MiB of the file. Returns 0, -ENOMEM, or another negative errno if the file cannot be read. */
int cpu_times_read(int root_fd, struct cpu_times *ret, uint32_t n);
/* Returns the present frequency in kHz as reported by cpufreq, 0 if it is unknown. */
uint64_t cpu_khz_now(int root_fd, uint32_t cpu);

#endif
