/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CPUS_H
#define BPF_USER_CPUS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/session-state.h"

/* Where the threads of a session run, as /proc tells: for the rung that no scheduler tells. */

#define USER_CPUS_THREADS 64   /* threads of a process that are looked at: its oldest */
#define USER_CPUS_MAX     8192 /* CPU numbers at and above are ignored; no kernel is built for more */

struct user_thread {
        uint32_t tid;
        uint64_t ran_ns; /* in all, 0 unknown */
};

struct user_cpus {
        uint16_t cpus[USER_CPUS_THREADS]; /* ascending, each once */
        size_t n;
        struct user_thread threads[USER_CPUS_THREADS];
        size_t n_threads;
};

/* The CPUs on which the threads of this session's process, or those that its client named, ran last; of those that were in
 * `before` (NULL: none), only if they ran since: one that sleeps for ever must not hold up the CPU that it slept on. Those that
 * have ended, and processes that are gone, ran nowhere. `root_fd`: whose proc/ it is. 0, or negative errno, with an empty set,
 * where proc/ says nothing of the process: -ENOENT, -EACCES, -EMFILE. */
int user_cpus_read(int root_fd, const struct session *session, const struct user_cpus *before, struct user_cpus *ret);

/* The CPU of one line of proc/PID/task/TID/stat. 0; -ESRCH for a thread that has ended; -EINVAL. */
int user_cpus_parse(const char *stat, uint32_t *ret);

#endif
