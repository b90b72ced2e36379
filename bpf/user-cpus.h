/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CPUS_H
#define BPF_USER_CPUS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/session-state.h"

/* The CPUs where the threads of a session run, from /proc: for rung 4, which has no program in the scheduler. */

#define USER_CPUS_THREADS 64   /* number of threads of a process that are examined: its oldest */
#define USER_CPUS_MAX     8192 /* CPU numbers from this on are ignored; no kernel is built for more */

struct user_thread {
        uint32_t tid;
        uint64_t ran_ns; /* total running time, 0: unknown */
};

struct user_cpus {
        uint16_t cpus[USER_CPUS_THREADS]; /* ascending, each once */
        size_t n;
        struct user_thread threads[USER_CPUS_THREADS];
        size_t n_threads;
};

/* Reads the CPUs on which the threads of this session's process, or those that its client named, ran last. A thread that is in
 * `before` (NULL: none) counts only if it has run since: a thread that sleeps forever must not keep the level of its last CPU up.
 * Threads and processes that have ended do not count. `root_fd`: the root directory whose proc/ is read. Returns 0, or a negative
 * errno, with an empty set, if proc/ does not show the process: -ENOENT, -EACCES, -EMFILE. */
int user_cpus_read(int root_fd, const struct session *session, const struct user_cpus *before, struct user_cpus *ret);

/* Reads the CPU from a line of proc/PID/task/TID/stat. 0; -ESRCH for a thread that has ended; -EINVAL. */
int user_cpus_parse(const char *stat, uint32_t *ret);

#endif
