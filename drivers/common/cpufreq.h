/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUFREQ_H
#define DRIVERS_COMMON_CPUFREQ_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* Knobs and facts that are common to all cpufreq drivers of the kernel, from the policies below sys/devices/system/cpu/cpufreq. */

#define CPUFREQ_DIR "sys/devices/system/cpu/cpufreq"
#define CPU_DIR     "sys/devices/system/cpu"

/* Calls `each` for every policy whose scaling_driver is one of the words in `scaling_drivers`. NULL means all drivers; after "! "
 * the words are the drivers to exclude. Returns the number of matching policies (0 without cpufreq), or a negative errno,
 * from `each` or because the folder cannot be read. */
int cpufreq_walk(const struct gov_host *host, const char *scaling_drivers, int (*each)(uint32_t policy, void *userdata),
                 void *userdata);

/* Row numbers, in the driver's table, of the knobs that cpufreq_add() adds; CPUFREQ_NO_ROW: the table has no such row. */
#define CPUFREQ_NO_ROW UINT32_MAX
struct cpufreq_rows {
        uint32_t governor; /* scaling_governor, choices from scaling_available_governors */
        uint32_t min_freq; /* scaling_min_freq, range cpuinfo_min_freq..cpuinfo_max_freq */
        uint32_t max_freq; /* scaling_max_freq, with the same range */
        uint32_t boost;    /* policyN/boost */
        uint32_t epp;      /* energy_performance_preference, choices from ..._available_preferences */
};
/* Adds the existing knobs of a policy. Returns 0 or a negative errno. */
int cpufreq_add(struct knobset *set, const struct cpufreq_rows *rows, uint32_t policy);

/* A list for cpufreq_walk() that excludes the kernel drivers that other plugins than "cpufreq" handle. */
#define CPUFREQ_ALL_BUT_VENDORS "! intel_pstate intel_cpufreq amd-pstate amd-pstate-epp cppc_cpufreq scmi"

/* Reads the facts of a CPU from its policy directory, cpu_capacity, the acpi_cppc files, and the CPU lists of the perf devices cpu_core
 * and cpu_atom. Returns 0; -ENODEV if the CPU has no policy, or its policy has none of `scaling_drivers`; or another negative errno. The facts about the whole machine (its fastest CPU)
 * are cached until the next cpufreq_walk(), so that calls for all CPUs take linear time. */
int cpufreq_cpu_facts(const struct gov_host *host, const char *scaling_drivers, uint32_t cpu, struct gov_cpu_facts *ret);

/* Table rows that are the same in several drivers. */
#define CPUFREQ_ROW_GOVERNOR \
        { "governor", "cpufreq governor, which selects the frequency", GOV_SCOPE_POLICY, GOV_UNIT_TEXT, GOV_ORDER_GOVERNOR, 0 }
/* The cpufreq core stores a limit at once and applies it later from a work item (Linux: drivers/cpufreq/cpufreq.c,
 * handle_update()). If the kernel driver has a table of frequencies, an upper limit is rounded down and a lower limit up to a
 * frequency of the table. */
#define CPUFREQ_ROW_MIN_FREQ                                                                                     \
        {                                                                                                        \
                "min-freq", "lower limit of the CPU frequency", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, \
                        GOV_KNOB_LIMIT_MIN | GOV_KNOB_SETTLES | GOV_KNOB_ROUNDS                                  \
        }
#define CPUFREQ_ROW_MAX_FREQ                                                                                     \
        {                                                                                                        \
                "max-freq", "upper limit of the CPU frequency", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, \
                        GOV_KNOB_LIMIT_MAX | GOV_KNOB_SETTLES | GOV_KNOB_ROUNDS                                  \
        }
#define CPUFREQ_ROW_EPP                                                                                                           \
        {                                                                                                                         \
                "epp", "energy performance preference: how the hardware weighs performance against energy use", GOV_SCOPE_POLICY, \
                        GOV_UNIT_TEXT, GOV_ORDER_EPP, GOV_KNOB_NAMED                                                              \
        }
#define CPUFREQ_ROW_DRIVER_MODE                                                                                             \
        {                                                                                                                   \
                "driver-mode", "mode of the kernel's driver; never changed, because a change would reset all its settings", \
                        GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_MODE, GOV_KNOB_SENSOR | GOV_KNOB_PROBE                     \
        }
#define CPUFREQ_ROW_POLICY_BOOST \
        { "boost", "allows frequencies above the nominal frequency", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, GOV_ORDER_BOOST, 0 }

#endif
