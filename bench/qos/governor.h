/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_QOS_GOVERNOR_H
#define BENCH_QOS_GOVERNOR_H

/* A governor in this kernel without the service around it, so that its own times can be read from its memory. */

#include <stdint.h>
#include <time.h>

#include "bpf/slots.h"

/* Loads NAME from DIRECTORY (the build's bpf/); ends the program with a reason when that cannot be: 77 without the right to. */
void governor_load(const char *directory, const char *name, struct programs *ret);

/* A session of a process; target 1 ms, never stale. Maps its ring: *ret_producer, *ret_data. */
struct bench_session {
        uint32_t slot, cookie;
        int ring_fd;
        uint64_t *producer;
        unsigned char *data;
};
void governor_open(struct programs *programs, uint32_t slot, pid_t tgid, struct bench_session *ret);
void governor_report(const struct bench_session *session, uint32_t latency_us, uint64_t end_ns);

static inline uint64_t now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

/* Runs this thread on one CPU only. */
void pin(unsigned int cpu);

#endif
