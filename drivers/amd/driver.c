/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Driver "amd": amd-pstate policies, the energy counters of AMD packages, and the socket power limits of EPYC servers. If the
 * kernel uses acpi-cpufreq instead of amd-pstate, the policies belong to the driver "cpufreq". */

#include <errno.h>
#include <stdlib.h>

#include "base/attr.h"
#include "drivers/amd/amd.h"
#include "drivers/amd/energy.h"
#include "drivers/amd/pstate.h"
#include "drivers/common/cpufreq.h"

static const struct gov_knob_row rows[ROW_COUNT] = {
        [ROW_GOVERNOR] = CPUFREQ_ROW_GOVERNOR,
        [ROW_EPP] = CPUFREQ_ROW_EPP,
        [ROW_MIN_FREQ] = CPUFREQ_ROW_MIN_FREQ,
        [ROW_MAX_FREQ] = CPUFREQ_ROW_MAX_FREQ,
        [ROW_DRIVER_MODE] = CPUFREQ_ROW_DRIVER_MODE,
        [ROW_BOOST_GLOBAL] = { "boost-global", "allows frequencies above the nominal frequency on all CPUs", GOV_SCOPE_NODE,
                               GOV_UNIT_BOOL, GOV_ORDER_BOOST - 1, 0 },
        [ROW_BOOST] = CPUFREQ_ROW_POLICY_BOOST,
        [ROW_FLOOR_FREQ] = { "floor-freq", "frequency that a core keeps as long as possible at a power or thermal limit",
                             GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_ROUNDS },
        [ROW_FLOOR_COUNT] = { "floor-count", "number of different floor frequencies that the hardware supports; 0: no limit",
                              GOV_SCOPE_NODE, GOV_UNIT_NUMBER, GOV_ORDER_LIMIT, GOV_KNOB_SENSOR },
        [ROW_PREFCORE_RANKING] = { "prefcore-ranking",
                                   "preferred-core ranking: a core with a higher number can reach a higher frequency",
                                   GOV_SCOPE_POLICY, GOV_UNIT_NUMBER, GOV_ORDER_LIMIT, GOV_KNOB_SENSOR },
        [ROW_EFFICIENT_FREQ] = { "efficient-freq", "most energy-efficient frequency; a lower frequency saves no more energy",
                                 GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_SENSOR },
        [ROW_ENERGY] = { "energy", "counter of the energy used by the package; it wraps around", GOV_SCOPE_PACKAGE,
                         GOV_UNIT_MICROJOULE, GOV_ORDER_POWER, GOV_KNOB_SENSOR },
        [ROW_PL1] = { "pl1", "power limit of the socket", GOV_SCOPE_PACKAGE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER,
                      GOV_KNOB_LIMIT_MAX | GOV_KNOB_ROUNDS },
        [ROW_POWER] = { "power", "current average power of the socket", GOV_SCOPE_PACKAGE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER,
                        GOV_KNOB_SENSOR },
};

static int read_power(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        return hsmp_read(&((struct amd *) state)->hsmp, HSMP_GET_SOCKET_POWER, instance->domain, ret, size);
}

static int read_limit(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        return hsmp_read(&((struct amd *) state)->hsmp, HSMP_GET_SOCKET_POWER_LIMIT, instance->domain, ret, size);
}

static int write_limit(void *state, const struct gov_instance *instance, const char *value) {
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return hsmp_write_limit(&((struct amd *) state)->hsmp, instance->domain, value);
}

static int write_floor(void *state, const struct gov_instance *instance, const char *value) {
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return floors_write(&((struct amd *) state)->floors, instance->domain, value);
}

static int read_epp(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        return pstate_read_epp(((struct amd *) state)->set.host, instance, ret, size);
}

static int write_epp(void *state, const struct gov_instance *instance, const char *value) {
        return pstate_write_epp(((struct amd *) state)->set.host, instance, value);
}

static const struct knobset_access access_of[ROW_COUNT] = {
        [ROW_EPP] = { read_epp, write_epp },
        [ROW_FLOOR_FREQ] = { NULL, write_floor },
        [ROW_PL1] = { read_limit, write_limit },
        [ROW_POWER] = { read_power, NULL },
};

static int discover(struct amd *amd) {
        int r = pstate_add(amd);

        if (r >= 0)
                r = energy_add(amd);
        if (r >= 0)
                r = hsmp_add(&amd->hsmp, &amd->set, ROW_PL1, ROW_POWER);
        if (r < 0)
                return r;
        amd->n_sockets = (uint32_t) r;
        return knobset_total(&amd->set) > 0 ? 0 : -ENODEV;
}

static void amd_remove(void *state) {
        struct amd *amd = state;

        hsmp_close(&amd->hsmp);
        floors_done(&amd->floors);
        knobset_done(&amd->set);
        free(amd);
}

static int amd_probe(const struct gov_host *host, void **ret_state) {
        struct amd *amd = calloc(1, sizeof(*amd));
        int r;

        if (!amd)
                return -ENOMEM;
        floors_init(&amd->floors, host);
        hsmp_open(&amd->hsmp, host);
        r = knobset_init(&amd->set, &governord_driver, host, access_of);
        if (r >= 0)
                r = discover(amd);
        if (r < 0) {
                amd_remove(amd);
                return r;
        }
        *ret_state = amd;
        return 0;
}

static int amd_info(void *state, struct gov_driver_info *ret) {
        struct amd *amd = state;

        if (attr_read(amd->set.host->root_fd, AMD_PSTATE_DIR "/status", ret->mode, sizeof(ret->mode)) < 0) /* before Linux 6.3 */
                (void) TEXT_FORMAT(ret->mode, "%s", amd->n_policies > 0 ? "passive" : "");
        if (amd->n_policies == 0) {
                (void) TEXT_FORMAT(ret->backend, "%s", amd->n_sockets > 0 ? "amd_hsmp" : amd->n_zones > 0 ? "intel-rapl" : "amd");
                (void) TEXT_FORMAT(ret->note, "the CPUs are not driven by amd-pstate");
                return 0;
        }
        ret->kind = GOV_KIND_CPU;
        (void) TEXT_FORMAT(ret->backend, "amd_pstate");
        return 0;
}

static int amd_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        return cpufreq_cpu_facts(((struct amd *) state)->set.host, AMD_PSTATE_SCALING_DRIVERS, cpu, ret);
}

const struct gov_driver governord_driver = {
        KNOBSET_DRIVER(rows), .priority = 20,
        .name = "amd",        .description = "AMD: amd-pstate, energy counters, socket power limits",
        .probe = amd_probe,   .remove = amd_remove,
        .info = amd_info,     .cpu = amd_cpu,
        .subsystems = "cpu",
};
