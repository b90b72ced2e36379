/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machines, as data, and the power model. "arm" is the kernel's own table. Makers of x86 parts publish no voltages: those of
 * the other three are assumptions, drawn through what is known of the ends, as each says. So compare controllers with one another
 * here, and predict no bill; a measured table is a few lines.
 */

#include <string.h>

#include "bench/sim/machine.h"

/* Dynamic power of a core that waits for memory, to that of a busy one: most of its clock is gated. Assumed. */
#define STALLED_SHARE 0.5

/* clang-format off */
static const struct machine machines[] = {
        /*
         * A server core, every second of its 100 MHz steps. Assumed: 0.70 V up to 1.5 GHz, 1.10 V at the single-core turbo of 3.7
         * GHz, 6 W there, 1 W of mesh and memory controller per core. 28 such cores at 2.6 GHz come to 100 W, half of the TDP (205
         * W) that parts of that size state for heavy vector work. Idle: skx_cstates of drivers/idle/intel_idle.c. Changes: 500 us
         * apart, intel_cpufreq without HWP; 20 us to settle, its nominal latency.
         */
        { .name = "server", .what = "15 steps, 0.8-3.7 GHz",
          .steps = { { 800, 700 }, { 1000, 700 }, { 1200, 700 }, { 1500, 700 }, { 1700, 720 }, { 1900, 745 }, { 2100, 775 },
                     { 2300, 805 }, { 2500, 840 }, { 2700, 875 }, { 2900, 910 }, { 3100, 950 }, { 3300, 995 },
                     { 3500, 1045 }, { 3700, 1100 } },
          .efficient = 3, .dynamic_pf = 1100, .leak_mw = 1000, .shallow_us = 2, .deep_us = 133, .promote_us = 600, .deep_mw = 60,
          .rest_mw = 1000, .transition_us = 20, .interval_us = 500 },
        /*
         * The same silicon, driven by HWP: requests count every 5 ms (intel_cpufreq's delay with HWP, same source). 500 us to act:
         * assumed.
         */
        { .name = "server-hwp", .what = "as server, HWP: 5 ms",
          .steps = { { 800, 700 }, { 1000, 700 }, { 1200, 700 }, { 1500, 700 }, { 1700, 720 }, { 1900, 745 }, { 2100, 775 },
                     { 2300, 805 }, { 2500, 840 }, { 2700, 875 }, { 2900, 910 }, { 3100, 950 }, { 3300, 995 },
                     { 3500, 1045 }, { 3700, 1100 } },
          .efficient = 3, .dynamic_pf = 1100, .leak_mw = 1000, .shallow_us = 2, .deep_us = 133, .promote_us = 600, .deep_mw = 60,
          .rest_mw = 1000, .transition_us = 500, .interval_us = 5000 },
        /*
         * A laptop core. Assumed: 0.65 V up to 1.4 GHz, 1.25 V at the turbo of 4.2 GHz, where one core alone draws 13 W. Idle:
         * skl_cstates, C1 and C6. 600 us between changes, as amd-pstate with FAST_CPPC.
         */
        { .name = "laptop", .what = "13 steps, 0.4-4.2 GHz",
          .steps = { { 400, 650 }, { 800, 650 }, { 1100, 650 }, { 1400, 650 }, { 1700, 690 }, { 2000, 735 }, { 2300, 785 },
                     { 2600, 840 }, { 2900, 900 }, { 3200, 965 }, { 3500, 1040 }, { 3800, 1125 }, { 4200, 1250 } },
          .efficient = 3, .dynamic_pf = 1750, .leak_mw = 1200, .shallow_us = 2, .deep_us = 85, .promote_us = 200, .deep_mw = 30,
          .rest_mw = 600, .transition_us = 50, .interval_us = 600 },
        /*
         * EPYC Milan under acpi-cpufreq: the three P-states of tests/machines/amd-server-acpi-cpufreq.tree, the highest boosts to
         * 3.6 GHz. Assumed: the voltages, 1.5 W per core for the I/O die (some 90 W with 64 cores), ACPI's C2 with 400 us. 1 ms
         * between changes: that machine's schedutil/rate_limit_us.
         */
        { .name = "epyc", .what = "3 P-states",
          .steps = { { 1500, 850 }, { 2200, 925 }, { 3600, 1150 } },
          .efficient = 0, .dynamic_pf = 1000, .leak_mw = 900, .shallow_us = 1, .deep_us = 400, .promote_us = 800, .deep_mw = 100,
          .rest_mw = 1500, .transition_us = 100, .interval_us = 1000 },
        /*
         * A Cortex-A72 of the RK3399: frequencies and voltages of cluster1_opp in arch/arm64/boot/dts/rockchip/rk3399-opp.dtsi,
         * capacitance its dynamic-power-coefficient (436 uW/MHz/V^2), clock-latency 40 us, cpu-sleep exit 250 us and residency 900
         * us of rk3399.dtsi.
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
