/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CPUS_H
#define BPF_USER_CPUS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/session-state.h"

/* The CPUs on which the threads of a session run, read from /proc. For rung 4. */

#define USER_CPUS_THREADS 64   /* only the first 64 threads that /proc lists for a process are read; these are its oldest ones */
#define USER_CPUS_MAX     8192 /* higher CPU numbers are ignored; kernels do not support more */

struct user_thread {
        uint32_t tid;
        uint64_t ran_ns; /* total running time, 0 if unknown */
};

struct user_cpus {
        uint16_t cpus[USER_CPUS_THREADS]; /* ascending, without duplicates */
        size_t n;
        struct user_thread threads[USER_CPUS_THREADS];
        size_t n_threads;
};

/* Reads the CPUs on which the session's threads last ran: the threads that its client named, or those of the process (at most
 * USER_CPUS_THREADS). `before` is the last result, or NULL. A thread that has not run since then does not count, so that a sleeping
 * thread does not keep the level of its CPU high. `root_fd` is the root directory whose proc/ is read. Returns 0; or a negative
 * errno and an empty set if the process cannot be read, for example -ENOENT, -EACCES or -EMFILE. */
int user_cpus_read(int root_fd, const struct session *session, const struct user_cpus *before, struct user_cpus *ret);

/* Parses the CPU number in the content of proc/PID/task/TID/stat. Returns 0, -ESRCH if the thread has ended, or -EINVAL or
 * -ERANGE. */
int user_cpus_parse(const char *stat, uint32_t *ret);

#endif
