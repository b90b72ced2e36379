/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machines, as data, and the power model. The table of "arm" is from the kernel. Manufacturers of x86 processors do not publish
 * voltages, so those of the other machines are assumptions, interpolated between assumed end points; see the comment of each
 * machine. The results are therefore for comparing controllers, not for predicting absolute energy. A machine with measured values
 * needs only a few lines.
 */

#include <string.h>

#include "bench/sim/machine.h"

/* Dynamic power of a core that waits for memory, relative to a busy one. Assumed: most of its clock is gated. */
#define STALLED_SHARE 0.5

/* clang-format off */
static const struct machine machines[] = {
        /*
         * A server core, with about every second of its 100 MHz steps. Assumed: 0.70 V up to 1.5 GHz; 1.10 V and 6 W at the
         * single-core turbo of 3.7 GHz; 1 W for mesh and memory controller per core. 28 such cores at 2.6 GHz use 100 W, half of
         * the TDP (205 W) of processors of this size, which is specified for heavy vector work. Idle states: skx_cstates in
         * drivers/idle/intel_idle.c. P-state changes: at least 500 us apart, as in intel_cpufreq without HWP; 20 us to take effect,
         * its nominal latency.
         */
        { .name = "server", .what = "15 steps, 0.8-3.7 GHz",
          .steps = { { 800, 700 }, { 1000, 700 }, { 1200, 700 }, { 1500, 700 }, { 1700, 720 }, { 1900, 745 }, { 2100, 775 },
                     { 2300, 805 }, { 2500, 840 }, { 2700, 875 }, { 2900, 910 }, { 3100, 950 }, { 3300, 995 },
                     { 3500, 1045 }, { 3700, 1100 } },
          .efficient = 3, .dynamic_pf = 1100, .leak_mw = 1000, .shallow_us = 2, .deep_us = 133, .promote_us = 600, .deep_mw = 60,
          .rest_mw = 1000, .transition_us = 20, .interval_us = 500 },
        /*
         * The same core with HWP: requests are applied every 5 ms (the delay of intel_cpufreq with HWP). Assumed: they take effect
         * after 500 us.
         */
        { .name = "server-hwp", .what = "as server, HWP: 5 ms",
          .steps = { { 800, 700 }, { 1000, 700 }, { 1200, 700 }, { 1500, 700 }, { 1700, 720 }, { 1900, 745 }, { 2100, 775 },
                     { 2300, 805 }, { 2500, 840 }, { 2700, 875 }, { 2900, 910 }, { 3100, 950 }, { 3300, 995 },
                     { 3500, 1045 }, { 3700, 1100 } },
          .efficient = 3, .dynamic_pf = 1100, .leak_mw = 1000, .shallow_us = 2, .deep_us = 133, .promote_us = 600, .deep_mw = 60,
          .rest_mw = 1000, .transition_us = 500, .interval_us = 5000 },
        /*
         * A laptop core. Assumed: 0.65 V up to 1.4 GHz; 1.25 V and 13 W for a single core at the turbo of 4.2 GHz. Idle states: C1
         * and C6 of skl_cstates. P-state changes: at least 600 us apart, as in amd-pstate with FAST_CPPC.
         */
        { .name = "laptop", .what = "13 steps, 0.4-4.2 GHz",
          .steps = { { 400, 650 }, { 800, 650 }, { 1100, 650 }, { 1400, 650 }, { 1700, 690 }, { 2000, 735 }, { 2300, 785 },
                     { 2600, 840 }, { 2900, 900 }, { 3200, 965 }, { 3500, 1040 }, { 3800, 1125 }, { 4200, 1250 } },
          .efficient = 3, .dynamic_pf = 1750, .leak_mw = 1200, .shallow_us = 2, .deep_us = 85, .promote_us = 200, .deep_mw = 30,
          .rest_mw = 600, .transition_us = 50, .interval_us = 600 },
        /*
         * EPYC Milan with acpi-cpufreq: the three P-states of tests/machines/amd-server-acpi-cpufreq.tree, of which the highest
         * boosts to 3.6 GHz. Assumed: the voltages, 1.5 W per core for the I/O die (about 90 W for 64 cores), 400 us for C2 of
         * ACPI. P-state changes: at least 1 ms apart, the schedutil/rate_limit_us of that machine.
         */
        { .name = "epyc", .what = "3 P-states",
          .steps = { { 1500, 850 }, { 2200, 925 }, { 3600, 1150 } },
          .efficient = 0, .dynamic_pf = 1000, .leak_mw = 900, .shallow_us = 1, .deep_us = 400, .promote_us = 800, .deep_mw = 100,
          .rest_mw = 1500, .transition_us = 100, .interval_us = 1000 },
        /*
         * A Cortex-A72 of the RK3399. From arch/arm64/boot/dts/rockchip: frequencies and voltages of cluster1_opp and the clock
         * latency of 40 us (rk3399-opp.dtsi); dynamic-power-coefficient of 436 uW/MHz/V^2, and exit latency of 250 us and residency
         * of 900 us of cpu-sleep (rk3399.dtsi).
         */
        { .name = "arm", .what = "RK3399, 8 OPPs",
          .steps = { { 408, 800 }, { 600, 800 }, { 816, 825 }, { 1008, 875 }, { 1200, 950 }, { 1416, 1025 }, { 1608, 1100 },
                     { 1800, 1200 } },
          .efficient = 1, .dynamic_pf = 436, .leak_mw = 120, .shallow_us = 1, .deep_us = 250, .promote_us = 900, .deep_mw = 10,
          .rest_mw = 100, .transition_us = 40, .interval_us = 500 },
};
/* clang-format on */

size_t machine_count(void) {
        return sizeof(machines) / sizeof(machines[0]);
}

const struct machine *machine_get(size_t index) {
        return &machines[index];
}

const struct machine *machine_find(const char *name) {
        for (size_t i = 0; i < machine_count(); i++)
                if (strcmp(machines[i].name, name) == 0)
                        return &machines[i];
        return NULL;
}

uint32_t machine_steps(const struct machine *machine) {
        uint32_t n = 0;

        while (n < MACHINE_STEPS && machine->steps[n].mhz > 0)
                n++;
        return n;
}

uint32_t machine_level(const struct machine *machine, uint32_t step) {
        return machine->steps[step].mhz * 1024 / machine->steps[machine_steps(machine) - 1].mhz;
}

uint32_t machine_step_for(const struct machine *machine, uint32_t level) {
        uint32_t last = machine_steps(machine) - 1, step = 0;

        while (step < last && machine_level(machine, step) < level)
                step++;
        return step;
}

double machine_speed(const struct machine *machine, uint32_t step) {
        return (double) machine->steps[step].mhz / machine->steps[machine_steps(machine) - 1].mhz;
}

double machine_leak_mw(const struct machine *machine, uint32_t step) {
        double ratio = (double) machine->steps[step].mv / machine->steps[machine_steps(machine) - 1].mv;

        return machine->leak_mw * ratio * ratio * ratio;
}

double machine_busy_mw(const struct machine *machine, uint32_t step, double stalled) {
        double volt = machine->steps[step].mv / 1000.0, ghz = machine->steps[step].mhz / 1000.0;
        double activity = 1.0 - stalled + stalled * STALLED_SHARE;

        return machine->dynamic_pf * volt * volt * ghz * activity + machine_leak_mw(machine, step);
}
