/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Driver "intel": intel_pstate, EPB, uncore, RAPL, thermal throttling, and direct access to the HWP request register. This file
 * contains the table and the probe. Each kernel interface has a separate file, which adds the knobs that the machine has.
 *
 * Processors of other vendors are excluded, because the energy counters of AMD are called "intel-rapl", too. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "drivers/common/cpuinfo.h"
#include "drivers/intel/epb.h"
#include "drivers/intel/hwp-msr.h"
#include "drivers/intel/pstate.h"
#include "drivers/intel/rapl.h"
#include "drivers/intel/throttle.h"
#include "drivers/intel/uncore.h"

#define LIMIT_FLAGS (GOV_KNOB_LIMIT_MAX | GOV_KNOB_ROUNDS)

#define POWER_ROW(name, help, scope, flags) \
        { name, help, scope, GOV_UNIT_MICROWATT, GOV_ORDER_POWER, (flags) | GOV_KNOB_SOFT_MAX }
#define WINDOW_ROW(name, help, scope) \
        { name, help, scope, GOV_UNIT_MICROSECOND, GOV_ORDER_POWER, GOV_KNOB_ROUNDS }
#define ENERGY_ROW(name, help, scope) \
        { name, help, scope, GOV_UNIT_MICROJOULE, GOV_ORDER_POWER, GOV_KNOB_SENSOR }
#define COUNT_ROW(name, help, scope) \
        { name, help, scope, GOV_UNIT_NUMBER, GOV_ORDER_POWER, GOV_KNOB_SENSOR }

static const struct gov_knob_row rows[INTEL_N_ROWS] = {
        [INTEL_GOVERNOR] = CPUFREQ_ROW_GOVERNOR,
        [INTEL_EPP] = CPUFREQ_ROW_EPP,
        [INTEL_MIN_FREQ] = CPUFREQ_ROW_MIN_FREQ,
        [INTEL_MAX_FREQ] = CPUFREQ_ROW_MAX_FREQ,
        [INTEL_MIN_PERF_PCT] = { "min-perf-pct", "lower limit of the performance of all CPUs, in percent of the maximum with turbo",
                                 GOV_SCOPE_NODE, GOV_UNIT_PERCENT, GOV_ORDER_LIMIT, GOV_KNOB_LIMIT_MIN | GOV_KNOB_ROUNDS },
        [INTEL_MAX_PERF_PCT] = { "max-perf-pct", "upper limit of the performance of all CPUs, in percent of the maximum with turbo",
                                 GOV_SCOPE_NODE, GOV_UNIT_PERCENT, GOV_ORDER_LIMIT, GOV_KNOB_LIMIT_MAX | GOV_KNOB_ROUNDS },
        [INTEL_BOOST] = { "boost", "allows turbo frequencies (the inverse of intel_pstate/no_turbo)", GOV_SCOPE_NODE, GOV_UNIT_BOOL,
                          GOV_ORDER_BOOST, 0 },
        [INTEL_HWP_DYNAMIC_BOOST] = { "hwp-dynamic-boost",
                                      "briefly raises the lower performance limit of a CPU when a task continues after waiting for I/O",
                                      GOV_SCOPE_NODE, GOV_UNIT_BOOL, GOV_ORDER_MODE, 0 },
        [INTEL_ENERGY_EFFICIENCY] = { "energy-efficiency", "lets the processor reduce turbo frequencies to save energy",
                                      GOV_SCOPE_NODE, GOV_UNIT_BOOL, GOV_ORDER_MODE, 0 },
        [INTEL_DRIVER_MODE] = CPUFREQ_ROW_DRIVER_MODE,
        [INTEL_TURBO_DISABLED] = { "turbo-disabled", "turbo is disabled although the processor supports it, often because of heat",
                                   GOV_SCOPE_NODE, GOV_UNIT_BOOL, GOV_ORDER_BOOST, GOV_KNOB_SENSOR | GOV_KNOB_HEAT },
        [INTEL_EPB] = { "epb", "energy performance bias, from 0 (performance) to 15 (energy saving)", GOV_SCOPE_CPU,
                        GOV_UNIT_NUMBER, GOV_ORDER_EPP, 0 },
        [INTEL_UNCORE_MIN_FREQ] = { "uncore-min-freq", "lower limit of the frequency of mesh, cache and memory controller",
                                    GOV_SCOPE_PACKAGE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_LIMIT_MIN | GOV_KNOB_ROUNDS },
        [INTEL_UNCORE_MAX_FREQ] = { "uncore-max-freq", "upper limit of the frequency of mesh, cache and memory controller",
                                    GOV_SCOPE_PACKAGE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, LIMIT_FLAGS },
        [INTEL_PL1] = POWER_ROW("pl1", "sustained power limit of the package", GOV_SCOPE_PACKAGE, LIMIT_FLAGS),
        [INTEL_PL1_WINDOW] = WINDOW_ROW("pl1-window", "time over which pl1 is averaged", GOV_SCOPE_PACKAGE),
        [INTEL_PL2] = POWER_ROW("pl2", "short-term power limit of the package", GOV_SCOPE_PACKAGE, LIMIT_FLAGS),
        [INTEL_PL2_WINDOW] = WINDOW_ROW("pl2-window", "time over which pl2 is averaged", GOV_SCOPE_PACKAGE),
        [INTEL_PL4] = POWER_ROW("pl4", "peak power limit of the package", GOV_SCOPE_PACKAGE, LIMIT_FLAGS),
        [INTEL_ENERGY] = ENERGY_ROW("energy", "counter of the energy used by the package; it wraps around", GOV_SCOPE_PACKAGE),
        [INTEL_SUBZONE_PL1] = POWER_ROW("subzone-pl1", "sustained power limit of cores, graphics or memory", GOV_SCOPE_PACKAGE,
                                        GOV_KNOB_ROUNDS),
        [INTEL_SUBZONE_PL1_WINDOW] = WINDOW_ROW("subzone-pl1-window", "time over which subzone-pl1 is averaged", GOV_SCOPE_PACKAGE),
        [INTEL_SUBZONE_ENERGY] = ENERGY_ROW(
                "subzone-energy", "counter of the energy used by cores, graphics or memory; it wraps around", GOV_SCOPE_PACKAGE),
        [INTEL_PSYS_PL1] = POWER_ROW("psys-pl1", "sustained power limit of the whole platform", GOV_SCOPE_NODE, LIMIT_FLAGS),
        [INTEL_PSYS_PL1_WINDOW] = WINDOW_ROW("psys-pl1-window", "time over which psys-pl1 is averaged", GOV_SCOPE_NODE),
        [INTEL_PSYS_PL2] = POWER_ROW("psys-pl2", "short-term power limit of the whole platform", GOV_SCOPE_NODE, LIMIT_FLAGS),
        [INTEL_PSYS_PL2_WINDOW] = WINDOW_ROW("psys-pl2-window", "time over which psys-pl2 is averaged", GOV_SCOPE_NODE),
        [INTEL_PSYS_ENERGY] = ENERGY_ROW("psys-energy", "counter of the energy used by the whole platform; it wraps around",
                                         GOV_SCOPE_NODE),
        [INTEL_CORE_THROTTLES] = COUNT_ROW("core-throttles", "number of times that this core was slowed down by heat since boot",
                                           GOV_SCOPE_CPU),
        [INTEL_PACKAGE_THROTTLES] = COUNT_ROW(
                "package-throttles", "number of times that the package was slowed down by heat since boot", GOV_SCOPE_PACKAGE),
        [INTEL_HWP_EPP] = { "hwp-epp", "energy performance preference in the HWP request register", GOV_SCOPE_CPU, GOV_UNIT_NUMBER,
                            GOV_ORDER_EPP, GOV_KNOB_OPT_IN },
        [INTEL_HWP_MIN] = { "hwp-min", "lowest performance in the HWP request register", GOV_SCOPE_CPU, GOV_UNIT_NUMBER,
                            GOV_ORDER_LIMIT, GOV_KNOB_OPT_IN | GOV_KNOB_LIMIT_MIN },
        [INTEL_HWP_MAX] = { "hwp-max", "highest performance in the HWP request register", GOV_SCOPE_CPU, GOV_UNIT_NUMBER,
                            GOV_ORDER_LIMIT, GOV_KNOB_OPT_IN | GOV_KNOB_LIMIT_MAX },
};

#define HWP_ACCESS \
        { .read = hwp_msr_read, .write = hwp_msr_write }

static const struct knobset_access access_table[INTEL_N_ROWS] = {
        [INTEL_BOOST] = { .read = pstate_boost_read, .write = pstate_boost_write },
        [INTEL_HWP_EPP] = HWP_ACCESS,
        [INTEL_HWP_MIN] = HWP_ACCESS,
        [INTEL_HWP_MAX] = HWP_ACCESS,
};

/* hwp_msr_add() must come after pstate_add(), whose result it uses. */
static int (*const parts[])(struct intel *intel) = { pstate_add, epb_add, uncore_add, rapl_add, throttle_add, hwp_msr_add };

static void driver_remove(void *state) {
        struct intel *intel = state;

        knobset_done(&intel->knobs);
        free(intel);
}

static int add_parts(struct intel *intel) {
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                int r = parts[i](intel);

                if (r < 0)
                        return r;
        }
        return knobset_total(&intel->knobs) > 0 ? 0 : -ENODEV;
}

static int driver_probe(const struct gov_host *host, void **ret_state) {
        struct intel *intel;
        int r;

        if (cpuinfo_is_made_by(host, "GenuineIntel") == CPUINFO_NO)
                return -ENODEV;
        intel = calloc(1, sizeof(*intel));
        if (!intel)
                return -ENOMEM;
        r = knobset_init(&intel->knobs, &governord_driver, host, access_table);
        if (r >= 0)
                r = add_parts(intel);
        if (r < 0) {
                driver_remove(intel);
                return r;
        }
        *ret_state = intel;
        return 0;
}

static int driver_info(void *state, struct gov_driver_info *ret) {
        struct intel *intel = state;
        bool drives_cpus = intel->n_policies > 0 || knobset_count(intel, INTEL_EPB) > 0;

        ret->kind = drives_cpus ? GOV_KIND_CPU : GOV_KIND_OTHER;
        (void) TEXT_FORMAT(ret->backend, "%s", drives_cpus ? "intel_pstate" : "intel");
        if (attr_read(intel->knobs.host->root_fd, CPU_DIR "/intel_pstate/status", ret->mode, sizeof(ret->mode)) < 0)
                ret->mode[0] = '\0';
        if (intel->n_policies > 0 && knobset_count(intel, INTEL_EPP) == 0)
                (void) TEXT_FORMAT(ret->note, "no energy performance preference: HWP is not supported, or is switched off");
        return 0;
}

static int driver_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        const struct intel *intel = state;

        return cpufreq_cpu_facts(intel->knobs.host, INTEL_SCALING_DRIVERS, cpu, ret);
}

const struct gov_driver governord_driver = {
        KNOBSET_DRIVER(rows),  .priority = 50,
        .name = "intel",       .description = "Intel processors: intel_pstate, EPB, uncore and RAPL",
        .probe = driver_probe, .remove = driver_remove,
        .info = driver_info,   .cpu = driver_cpu,
        .subsystems = "cpu",
};
