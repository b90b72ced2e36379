/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cpufreq policies of amd-pstate in all of its modes. It does not switch the mode (a write to `status` registers the kernel
 * driver anew and forgets every setting below it) and it does not touch request registers, whose contents the kernel caches.
 * EINVAL from `boost` on a single policy is a thing that kernels do; it is handed on like any other refusal. */

#include "drivers/amd/pstate.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"
#include "drivers/common/cpufreq.h"

/* Kernels 7.1 and 7.2 can choose the EPP themselves, by power source; a write is then refused with EBUSY. */
#define DYNAMIC_EPP_NOTE "dynamic EPP is on: the kernel chooses it by power source"

#define RIG_PREFERENCES "default performance balance_performance balance_power power"

static const struct cpufreq_rows rows = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, ROW_EPP };
static const struct cpufreq_rows rows_without_epp = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, CPUFREQ_NO_ROW };

static const struct cpufreq_rows rig_rows = { ROW_GOVERNOR, CPUFREQ_NO_ROW, CPUFREQ_NO_ROW, ROW_BOOST, CPUFREQ_NO_ROW };

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

static bool mode_is_active(const struct gov_host *host) {
        char mode[GOVERNORD_VALUE_MAX];

        return attr_read(host->root_fd, AMD_PSTATE_DIR "/status", mode, sizeof(mode)) >= 0 && strcmp(mode, "active") == 0;
}

/* A test rig's policies have no highest frequency, without which "min" would have no meaning. */
static int add_rig_min_freq(struct amd *amd, uint32_t policy) {
        struct gov_instance instance = { .domain = policy };
        int root_fd = amd->set.host->root_fd, r;
        char path[128];

        (void) TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/scaling_min_freq", policy);
        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/cpuinfo_min_freq", policy);
        if (attr_read_i64(root_fd, path, &instance.min) < 0)
                return 0;
        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/amd_pstate_lowest_nonlinear_freq", policy);
        if (attr_read_i64(root_fd, path, &instance.max) < 0)
                instance.max = instance.min;
        r = knobset_add(&amd->set, ROW_MIN_FREQ, &instance);
        return r < 0 ? r : 0;
}

/* A rig compares byte by byte: what was there is put down again without its newline, as power-profiles-daemon's first write does. */
static int write_back(const struct gov_host *host, const char *path) {
        char value[GOVERNORD_VALUE_MAX];
        int r = attr_read(host->root_fd, path, value, sizeof(value));

        return r < 0 ? r : attr_write(host->root_fd, path, value, true);
}

/* A test rig's policies name neither their driver nor their choices: there it is enough that the hint can be written, which
 * power-profiles-daemon tries out. In passive mode, where the kernel has no such file, they keep it. */
static int add_rig_policy(const char *name, void *userdata) {
        struct amd *amd = userdata;
        const struct gov_host *host = amd->set.host;
        struct gov_instance epp = { .min = 1, .choices = RIG_PREFERENCES };
        char governor[160], boost[160];
        int r;

        if (attr_suffix(name, "policy", &epp.domain) < 0)
                return 0;
        (void) TEXT_FORMAT(epp.path, CPUFREQ_DIR "/%s/energy_performance_preference", name);
        if (write_back(host, epp.path) < 0)
                return 0;
        (void) TEXT_FORMAT(governor, CPUFREQ_DIR "/%s/scaling_governor", name);
        (void) TEXT_FORMAT(boost, CPUFREQ_DIR "/%s/boost", name);
        (void) write_back(host, governor);
        (void) write_back(host, boost);
        amd->n_policies++;
        r = cpufreq_add(&amd->set, &rig_rows, epp.domain);
        if (r >= 0 && mode_is_active(host))
                r = knobset_add(&amd->set, ROW_EPP, &epp);
        return r < 0 ? r : add_rig_min_freq(amd, epp.domain);
}

static int walk_rig(struct amd *amd) {
        const struct gov_host *host = amd->set.host;

        if (host->simulated != GOV_SIMULATED_RIG || !attr_exists(host->root_fd, AMD_PSTATE_DIR "/status"))
                return 0;
        return attr_walk(host->root_fd, CPUFREQ_DIR, "policy", add_rig_policy, amd) == -ENOMEM ? -ENOMEM : (int) amd->n_policies;
}

static int add_boost_global(struct amd *amd) {
        struct gov_instance instance = { .min = 0, .max = 1, .path = CPUFREQ_DIR "/boost" };

        return knobset_add(&amd->set, ROW_BOOST_GLOBAL, &instance);
}

int pstate_add(struct amd *amd) {
        int r = cpufreq_walk(amd->set.host, AMD_PSTATE_SCALING_DRIVERS, add_policy, amd);

        if (r == 0)
                r = walk_rig(amd);
        if (r <= 0)
                return r;
        r = floors_add_knobs(&amd->floors, &amd->set, ROW_FLOOR_FREQ, ROW_FLOOR_COUNT);
        if (r >= 0)
                r = knobset_add_file(&amd->set, ROW_DRIVER_MODE, 0, AMD_PSTATE_DIR "/status");
        return r < 0 ? r : add_boost_global(amd);
}
