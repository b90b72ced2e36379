/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUFREQ_H
#define DRIVERS_COMMON_CPUFREQ_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/* Common to all cpufreq drivers of the kernel: policies below sys/devices/system/cpu/cpufreq. */

#define CPUFREQ_DIR "sys/devices/system/cpu/cpufreq"
#define CPU_DIR     "sys/devices/system/cpu"

/* Calls `each` for every policyN whose scaling_driver is one of the blank-separated `scaling_drivers` (NULL: any; if the first word
 * is "!": any except the following ones). Returns the number of policies visited, or negative errno of `each`; 0 when there is no
 * cpufreq at all. */
int cpufreq_walk(const struct gov_host *host, const char *scaling_drivers, int (*each)(uint32_t policy, void *userdata),
                 void *userdata);

/* Numbers of the rows, in the driver's own table, that cpufreq_add() fills; CPUFREQ_NO_ROW for rows that the table lacks. */
#define CPUFREQ_NO_ROW UINT32_MAX
struct cpufreq_rows {
        uint32_t governor; /* scaling_governor, choices from scaling_available_governors */
        uint32_t min_freq; /* scaling_min_freq, range cpuinfo_min_freq..cpuinfo_max_freq */
        uint32_t max_freq; /* scaling_max_freq, likewise */
        uint32_t boost;    /* policyN/boost */
        uint32_t epp;      /* energy_performance_preference, choices from ..._available_preferences */
};
/* Adds those knobs of a policy that exist. 0 or negative errno. */
int cpufreq_add(struct knobset *set, const struct cpufreq_rows *rows, uint32_t policy);

/* The drivers that have a plugin of their own, as a list for cpufreq_walk(). */
#define CPUFREQ_ALL_BUT_VENDORS "! intel_pstate intel_cpufreq amd-pstate amd-pstate-epp cppc_cpufreq scmi"

/* Facts of a CPU from its policy directory, cpu_capacity, acpi_cppc and cpuinfo files. -ENODEV when the CPU's policy is not driven
 * by one of `scaling_drivers`. Facts about the whole machine (the fastest CPU) are cached until the next cpufreq_walk(), so that
 * calls for all CPUs take linear time. */
int cpufreq_cpu_facts(const struct gov_host *host, const char *scaling_drivers, uint32_t cpu, struct gov_cpu_facts *ret);

/* Table rows with the usual texts, so that they are the same in every driver. */
#define CPUFREQ_ROW_GOVERNOR \
        { "governor", "cpufreq governor: who chooses the frequency", GOV_SCOPE_POLICY, GOV_UNIT_TEXT, GOV_ORDER_GOVERNOR, 0 }
/* The cpufreq core stores a limit at once and applies it from a work item (drivers/cpufreq/cpufreq.c, handle_update()). If the
 * driver has a table, it rounds the limit to a frequency there: an upper limit down, a lower one up. */
#define CPUFREQ_ROW_MIN_FREQ                                                                                        \
        {                                                                                                           \
                "min-freq", "lowest frequency that may be chosen", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, \
                        GOV_KNOB_LIMIT_MIN | GOV_KNOB_SETTLES | GOV_KNOB_ROUNDS                                     \
        }
#define CPUFREQ_ROW_MAX_FREQ                                                                                         \
        {                                                                                                            \
                "max-freq", "highest frequency that may be chosen", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, \
                        GOV_KNOB_LIMIT_MAX | GOV_KNOB_SETTLES | GOV_KNOB_ROUNDS                                      \
        }
#define CPUFREQ_ROW_EPP                                                                                                            \
        {                                                                                                                          \
                "epp", "energy performance preference: the hint that hardware weighs speed against energy with", GOV_SCOPE_POLICY, \
                        GOV_UNIT_TEXT, GOV_ORDER_EPP, GOV_KNOB_NAMED                                                               \
        }
#define CPUFREQ_ROW_DRIVER_MODE                                                                                             \
        {                                                                                                                   \
                "driver-mode", "mode of the kernel's driver; changing it resets all its settings, so governord never does", \
                        GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_MODE, GOV_KNOB_SENSOR | GOV_KNOB_PROBE                     \
        }
#define CPUFREQ_ROW_POLICY_BOOST \
        { "boost", "frequencies above the nominal one", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, GOV_ORDER_BOOST, 0 }

#endif
