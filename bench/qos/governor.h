/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_QOS_GOVERNOR_H
#define BENCH_QOS_GOVERNOR_H

/* Loads a governor into the kernel without the service, so that the times that it measures can be read from its memory. */

#include <stdint.h>
#include <time.h>

#include "bpf/slots.h"

/* Loads the governor `name` from `directory` (bpf/ in the build folder). On failure, prints the reason and exits; with status 77 if
 * the program lacks the privileges. */
void governor_load(const char *directory, const char *name, struct programs *ret);

/* A session of a process, with its mapped ring. */
struct bench_session {
        uint32_t slot, cookie;
        int ring_fd;
        uint64_t *producer;
        unsigned char *data;
};
/* Opens a session with a target of 1 ms that does not become stale, and maps its ring. On failure, the program exits. */
void governor_open(struct programs *programs, uint32_t slot, pid_t tgid, struct bench_session *ret);
/* Writes a record into the ring. */
void governor_report(const struct bench_session *session, uint32_t latency_us, uint64_t end_ns);

static inline uint64_t now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

/* Restricts this thread to one CPU. */
void pin(unsigned int cpu);

#endif
