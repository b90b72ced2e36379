/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_MACHINE_H
#define BENCH_SIM_MACHINE_H

/*
 * What one core can run at, and what that costs. Power while running is C * V^2 * f, less where the core waits for memory, and
 * leakage, which goes with the cube of the voltage; in the shallow idle state the clock stands and the leakage stays; the deep one
 * has a fixed power. `rest_mw` is this core's share of what the package draws in any case (memory controller, interconnect).
 */

#include <stddef.h>
#include <stdint.h>

#define MACHINE_STEPS 32

struct machine_step {
        uint32_t mhz, mv;
};

struct machine {
        const char *name, *what;
        struct machine_step steps[MACHINE_STEPS]; /* slowest first; ends at the first of 0 MHz */
        uint32_t efficient;  /* step below which the voltage does not fall: HWP's "most efficient", AMD's "lowest nonlinear" */
        uint32_t dynamic_pf; /* C: mW = pF * V^2 * GHz */
        uint32_t leak_mw;    /* at the highest voltage */
        uint32_t shallow_us; /* to wake up from the shallow idle state (C1) */
        uint32_t deep_us;    /* ... from the deep one (C6) */
        uint32_t promote_us; /* idle for so long, the core goes from the shallow to the deep state */
        uint32_t deep_mw, rest_mw;
        uint32_t transition_us; /* from the register write to the new frequency */
        uint32_t interval_us;   /* between two changes at least, 0: any. HWP takes a new request every 5 ms or so */
};

size_t machine_count(void);
const struct machine *machine_get(size_t index);
const struct machine *machine_find(const char *name); /* NULL: unknown */

uint32_t machine_steps(const struct machine *machine);

/* The slowest step that is as fast as the level wants. */
uint32_t machine_step_for(const struct machine *machine, uint32_t level);

/* Level of a step, 1..1024. */
uint32_t machine_level(const struct machine *machine, uint32_t step);

/* 0..1: frequency of the step to the highest. */
double machine_speed(const struct machine *machine, uint32_t step);

/* Core only. `stalled` is the share of the time in which it waits for memory. */
double machine_busy_mw(const struct machine *machine, uint32_t step, double stalled);
double machine_leak_mw(const struct machine *machine, uint32_t step);

#endif
