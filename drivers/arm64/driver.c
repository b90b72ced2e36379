/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Driver "arm64": servers with ACPI CPPC, and boards and phones with SCMI firmware. Policies of other cpufreq drivers (cpufreq-dt,
 * qcom-cpufreq-hw) belong to the driver "cpufreq"; SCMI power caps are provided here also on these machines. */

#include <errno.h>
#include <stdlib.h>

#include "drivers/arm64/arm64.h"
#include "drivers/arm64/cppc.h"
#include "drivers/arm64/scmi.h"
#include "drivers/common/boost.h"
#include "drivers/common/cpufreq.h"

#define SCALING_DRIVERS "cppc_cpufreq scmi"

static const struct gov_knob_row rows[ROW_COUNT] = {
        [ROW_AUTO_SELECT] = { "auto-select",
                              "lets the firmware select the frequency by itself, within the limits and according to the EPP",
                              GOV_SCOPE_POLICY, GOV_UNIT_BOOL, GOV_ORDER_MODE, 0 },
        [ROW_GOVERNOR] = CPUFREQ_ROW_GOVERNOR,
        [ROW_EPP] = { "epp", "energy performance preference, from 0 (performance) to 255 (energy saving)", GOV_SCOPE_POLICY,
                      GOV_UNIT_NUMBER, GOV_ORDER_EPP, GOV_KNOB_NAMED },
        [ROW_MIN_FREQ] = CPUFREQ_ROW_MIN_FREQ,
        [ROW_MAX_FREQ] = CPUFREQ_ROW_MAX_FREQ,
        [ROW_BOOST_GLOBAL] = { "boost-global", "allows frequencies above the nominal frequency on all CPUs", GOV_SCOPE_NODE,
                               GOV_UNIT_BOOL, GOV_ORDER_BOOST - 1, 0 },
        [ROW_BOOST] = CPUFREQ_ROW_POLICY_BOOST,
        [ROW_PL1] = { "pl1", "power limit of the device", GOV_SCOPE_DEVICE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER,
                      GOV_KNOB_LIMIT_MAX | GOV_KNOB_ROUNDS },
        [ROW_PL1_WINDOW] = { "pl1-window", "time over which the power is averaged for pl1", GOV_SCOPE_DEVICE, GOV_UNIT_MICROSECOND,
                             GOV_ORDER_POWER, GOV_KNOB_ROUNDS },
        [ROW_ENERGY] = { "energy", "counter of the energy used by the device; it wraps around", GOV_SCOPE_DEVICE,
                         GOV_UNIT_MICROJOULE, GOV_ORDER_POWER, GOV_KNOB_SENSOR },
        [ROW_POWER] = { "power", "current power draw of the device", GOV_SCOPE_DEVICE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER,
                        GOV_KNOB_SENSOR },
};

static const struct knobset_access access_of[ROW_COUNT] = {
        [ROW_EPP] = { cppc_read_epp, cppc_write_epp },
};

static int discover(struct arm64 *arm64) {
        int r = cppc_add(arm64);

        if (r >= 0)
                r = scmi_add(arm64);
        if (r >= 0 && arm64->boosts)
                r = knobset_add_file(&arm64->set, ROW_BOOST_GLOBAL, 0, CPUFREQ_DIR "/boost");
        if (r < 0)
                return r;
        return arm64->n_cppc + arm64->n_scmi + arm64->n_zones > 0 ? 0 : -ENODEV;
}

static void arm64_remove(void *state) {
        struct arm64 *arm64 = state;

        knobset_done(&arm64->set);
        free(arm64);
}

static int arm64_probe(const struct gov_host *host, void **ret_state) {
        struct arm64 *arm64 = calloc(1, sizeof(*arm64));
        int r;

        if (!arm64)
                return -ENOMEM;
        r = knobset_init(&arm64->set, &governord_driver, host, access_of);
        if (r >= 0)
                r = discover(arm64);
        if (r < 0) {
                arm64_remove(arm64);
                return r;
        }
        *ret_state = arm64;
        return 0;
}

static int arm64_info(void *state, struct gov_driver_info *ret) {
        const struct arm64 *arm64 = state;
        const char *backend = arm64->n_cppc > 0 ? "cppc_cpufreq" : arm64->n_scmi > 0 ? "scmi" : "arm-scmi";

        ret->kind = arm64->n_cppc + arm64->n_scmi > 0 ? GOV_KIND_CPU : GOV_KIND_OTHER;
        return TEXT_FORMAT(ret->backend, "%s", backend);
}

static int arm64_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        return cpufreq_cpu_facts(((struct arm64 *) state)->set.host, SCALING_DRIVERS, cpu, ret);
}

const struct gov_driver governord_driver = {
        KNOBSET_DRIVER(rows), .priority = 20,
        .name = "arm64",      .description = "arm64: ACPI CPPC, SCMI cpufreq and power caps",
        .probe = arm64_probe, .remove = arm64_remove,
        .info = arm64_info,   .cpu = arm64_cpu,
        .subsystems = "cpu",
};
