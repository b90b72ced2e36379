/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_SIM_MACHINE_H
#define BENCH_SIM_MACHINE_H

/*
 * The P-states of one core, and their power. The power of a running core is C * V^2 * f, less while it waits for memory, plus
 * leakage, which is proportional to the cube of the voltage. In the shallow idle state the clock is stopped and only the leakage
 * remains; the deep idle state has a constant power. `rest_mw` is the core's share of the power that the package always uses
 * (memory controller, interconnect).
 */

#include <stddef.h>
#include <stdint.h>

#define MACHINE_STEPS 32

struct machine_step {
        uint32_t mhz, mv;
};

struct machine {
        const char *name, *what;
        struct machine_step steps[MACHINE_STEPS]; /* slowest first; ends with 0 MHz */
        uint32_t efficient;  /* highest step with the lowest voltage: "most efficient" of HWP, "lowest nonlinear" of AMD */
        uint32_t dynamic_pf; /* C: mW = pF * V^2 * GHz */
        uint32_t leak_mw;    /* at the highest voltage */
        uint32_t shallow_us; /* time to wake up from the shallow idle state (C1) */
        uint32_t deep_us;    /* time to wake up from the deep one (C6) */
        uint32_t promote_us; /* time of idleness after which the core enters the deep state */
        uint32_t deep_mw, rest_mw;
        uint32_t transition_us; /* from the register write to the new frequency */
        uint32_t interval_us;   /* minimum time between two changes; 0: none. HWP applies a new request about every 5 ms */
};

size_t machine_count(void);
const struct machine *machine_get(size_t index);
const struct machine *machine_find(const char *name); /* NULL: unknown */

uint32_t machine_steps(const struct machine *machine);

/* The slowest step that reaches the level. */
uint32_t machine_step_for(const struct machine *machine, uint32_t level);

/* Level of a step, 1..1024. */
uint32_t machine_level(const struct machine *machine, uint32_t step);

/* Frequency of the step relative to the highest one, 0..1. */
double machine_speed(const struct machine *machine, uint32_t step);

/* Power of the core alone. `stalled` is the share of time for which the core waits for memory. */
double machine_busy_mw(const struct machine *machine, uint32_t step, double stalled);
double machine_leak_mw(const struct machine *machine, uint32_t step);

#endif
