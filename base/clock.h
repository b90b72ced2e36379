/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Returns the time of a clock in nanoseconds, 0 if the clock does not exist. */
static inline uint64_t clock_ns(clockid_t clock) {
        struct timespec t = {};

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}

static inline uint64_t clock_usec(clockid_t clock) {
        return clock_ns(clock) / 1000;
}

#endif
