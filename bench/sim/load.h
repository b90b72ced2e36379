/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_LOAD_H
#define BENCH_SIM_LOAD_H

/*
 * Loads: the arrival times of requests, and their work. A load is generated before the simulation, so that all controllers get the
 * same one. One part of the service time depends on the frequency; the other part, such as waiting for memory, does not.
 */

#include <stddef.h>
#include <stdint.h>

struct request {
        uint64_t arrival_ns;
        uint32_t scaled_ns; /* part that depends on the frequency: time at the highest one */
        uint32_t fixed_ns;
};

struct load {
        struct request *requests;
        size_t n, room;
        uint64_t span_ns;
};

/* Names of the loads; ends with NULL. "trace" needs a file. */
extern const char *const load_names[];

/* Returns a description for users. */
const char *load_what(const char *name);

/*
 * `trace` is a file with "arrival_us service_us" on each line, and comments after #; it is repeated until the span is filled.
 * Returns 0, -EINVAL (unknown name), -ENOMEM, an error of opening the file such as -ENOENT, or -EBADMSG (invalid line, decreasing
 * times, or no request).
 */
int load_make(struct load *ret_load, const char *name, uint64_t seed, uint64_t span_ns, const char *trace);
void load_clear(struct load *load);

#endif
