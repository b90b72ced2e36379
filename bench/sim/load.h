/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_LOAD_H
#define BENCH_SIM_LOAD_H

/*
 * The work: when requests arrive and how long each takes. Made before the simulation, so that all controllers get the same. Part of
 * the time goes with the frequency and part (memory, and what else does not care) does not.
 */

#include <stddef.h>
#include <stdint.h>

struct request {
        uint64_t arrival_ns;
        uint32_t scaled_ns; /* at the highest frequency */
        uint32_t fixed_ns;
};

struct load {
        struct request *requests;
        size_t n, room;
        uint64_t span_ns;
};

/* Names of the loads, NULL behind the last; "trace" needs a file. */
extern const char *const load_names[];

/* One sentence for people. */
const char *load_what(const char *name);

/*
 * 0, -EINVAL unknown name, -ENOMEM, or what is wrong with the file: -ENOENT..., -EBADMSG no such lines, times that go back, or no
 * work. `trace` is "arrival_us service_us" in each line, # for comments; it is repeated until the span is filled.
 */
int load_make(struct load *ret_load, const char *name, uint64_t seed, uint64_t span_ns, const char *trace);
void load_clear(struct load *load);

#endif
