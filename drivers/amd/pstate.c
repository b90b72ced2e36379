/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cpufreq policies of amd-pstate in all of its modes. It does not switch the mode (a write to `status` registers the kernel
 * driver anew and forgets every setting below it) and it does not touch request registers, whose contents the kernel caches.
 * EINVAL from `boost` on a single policy is a thing that kernels do; it is handed on like any other refusal. */

#include "drivers/amd/pstate.h"

#include <string.h>

#include "base/attr.h"
#include "base/parse.h"
#include "drivers/common/cpufreq.h"

/* Kernels 7.1 and 7.2 can choose the EPP themselves, by power source; a write is then refused with EBUSY. */
#define DYNAMIC_EPP_NOTE "dynamic EPP is on: the kernel chooses it by power source"

static const struct cpufreq_rows rows = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, ROW_EPP };
static const struct cpufreq_rows rows_without_epp = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, CPUFREQ_NO_ROW };

/* Read-only files of a policy that become sensors. */
static const struct {
        uint32_t row;
        const char *file;
} sensors[] = {
        { ROW_PREFCORE_RANKING, "amd_pstate_prefcore_ranking" },
        { ROW_EFFICIENT_FREQ, "amd_pstate_lowest_nonlinear_freq" },
};

static bool dynamic_epp(const struct gov_host *host) {
        char text[GOVERNORD_VALUE_MAX];
        bool on = false;

        if (attr_read(host->root_fd, AMD_PSTATE_DIR "/dynamic_epp", text, sizeof(text)) < 0)
                return false;
        return strcmp(text, "enabled") == 0 || (parse_bool(text, &on) == 0 && on);
}

static int add_dynamic_epp(struct amd *amd, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .min = 1, .flags = GOV_INSTANCE_READ_ONLY, .note = DYNAMIC_EPP_NOTE };
        char path[160];

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/energy_performance_available_preferences", policy);
        (void) TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/energy_performance_preference", policy);
        if (attr_read(amd->set.host->root_fd, path, instance.choices, sizeof(instance.choices)) < 0)
                instance.choices[0] = '\0';
        return knobset_add(&amd->set, ROW_EPP, &instance);
}

static int add_sensors(struct amd *amd, uint32_t policy) {
        int r = 0;

        for (size_t i = 0; i < sizeof(sensors) / sizeof(sensors[0]) && r >= 0; i++)
                r = knobset_add_file(&amd->set, sensors[i].row, policy, CPUFREQ_DIR "/policy%u/%s", policy, sensors[i].file);
        return r;
}

static int add_policy(uint32_t policy, void *userdata) {
        struct amd *amd = userdata;
        bool dynamic = dynamic_epp(amd->set.host);
        int r;

        amd->n_policies++;
        r = cpufreq_add(&amd->set, dynamic ? &rows_without_epp : &rows, policy);
        if (r >= 0 && dynamic)
                r = add_dynamic_epp(amd, policy);
        if (r >= 0)
                r = add_sensors(amd, policy);
        if (r >= 0)
                r = floors_add_policy(&amd->floors, policy);
        return r;
}

static int add_boost_global(struct amd *amd) {
        struct gov_instance instance = { .min = 0, .max = 1, .path = CPUFREQ_DIR "/boost" };

        return knobset_add(&amd->set, ROW_BOOST_GLOBAL, &instance);
}

int pstate_add(struct amd *amd) {
        int r = cpufreq_walk(amd->set.host, AMD_PSTATE_SCALING_DRIVERS, add_policy, amd);

        if (r < 0)
                return r;
        r = knobset_add_file(&amd->set, ROW_DRIVER_MODE, 0, AMD_PSTATE_DIR "/status"); /* also while "disable": it may come back */
        if (r < 0 || amd->n_policies == 0)
                return r < 0 ? r : 0;
        r = floors_add_knobs(&amd->floors, &amd->set, ROW_FLOOR_FREQ, ROW_FLOOR_COUNT);
        return r < 0 ? r : add_boost_global(amd);
}
