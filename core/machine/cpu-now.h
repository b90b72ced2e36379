/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CPU_NOW_H
#define CORE_CPU_NOW_H

#include <stdint.h>

/* What the CPUs do at the moment. It is read on request and only displayed; no decision depends on it. */

struct cpu_times {
        uint64_t idle_usec, total_usec; /* since boot; 0: not known */
};

/* Reads the times of CPUs 0 to n - 1 from /proc/stat. CPUs that the file does not list get 0. Returns a negative errno when the
 * file cannot be read. */
int cpu_times_read(int root_fd, struct cpu_times *ret, uint32_t n);
/* Returns the present frequency in kHz that cpufreq reports; 0 if it is not known. */
uint64_t cpu_khz_now(int root_fd, uint32_t cpu);

#endif
