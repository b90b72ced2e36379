/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests of power-profiles-daemon use rigs: a few files that umockdev presents as sysfs, in which policies have neither a
 * scaling_driver nor a list of choices, and there are no CPUs. governord runs the same tests, so the missing facts are supplied
 * here.
 *
 * This applies only in rigs, and only to policies that have no scaling_driver and whose preference is writable, as power-profiles-daemon
 * requires. For intel_pstate, the mode must be active. */

#include "drivers/common/rig.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "drivers/common/cpufreq.h"

#define PREFERENCE "energy_performance_preference"

static const struct mode {
        const char *file, *value, *scaling_driver, *preferences;
} modes[] = {
#define PREFERENCES "default performance balance_performance balance_power power"
        { CPU_DIR "/intel_pstate/status", "active", "intel_pstate", PREFERENCES },
        { CPU_DIR "/amd_pstate/status", "active", "amd-pstate-epp", PREFERENCES },
        { CPU_DIR "/amd_pstate/status", "passive", "amd-pstate", "" },
        { CPU_DIR "/amd_pstate/status", "guided", "amd-pstate", "" },
};

static const struct mode *find_mode(const struct gov_host *host) {
        char value[GOVERNORD_VALUE_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
                if (attr_read(host->root_fd, modes[i].file, value, sizeof(value)) >= 0 && strcmp(value, modes[i].value) == 0)
                        return &modes[i];
        return NULL;
}

#define POLICY_FILE(path, policy, file) ((void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/%s", policy, file))

static bool preference_is_writable(const struct gov_host *host, uint32_t policy) {
        _cleanup_close_ int fd = -1;
        bool writable = false;
        char path[128];

        POLICY_FILE(path, policy, PREFERENCE);
        fd = attr_open(host->root_fd, path, &writable);
        return fd >= 0 && writable;
}

/* Returns NULL if no facts must be supplied for the policy. */
static const struct mode *mode_of(const struct gov_host *host, uint32_t policy) {
        char path[128];

        if (host->simulated != GOV_SIMULATED_RIG)
                return NULL;
        POLICY_FILE(path, policy, "scaling_driver");
        if (attr_exists(host->root_fd, path) || !preference_is_writable(host, policy))
                return NULL;
        return find_mode(host);
}

const char *rig_scaling_driver(const struct gov_host *host, uint32_t policy) {
        const struct mode *mode = mode_of(host, policy);

        return mode ? mode->scaling_driver : NULL;
}

const char *rig_preferences(const struct gov_host *host, uint32_t policy) {
        const struct mode *mode = mode_of(host, policy);

        return mode ? mode->preferences : NULL;
}

int64_t rig_max_khz(const struct gov_host *host, uint32_t policy) {
        char path[128];
        int64_t khz;

        if (!mode_of(host, policy))
                return -1;
        POLICY_FILE(path, policy, "amd_pstate_lowest_nonlinear_freq");
        if (attr_read_i64(host->root_fd, path, &khz) >= 0)
                return khz;
        POLICY_FILE(path, policy, "cpuinfo_min_freq");
        return attr_read_i64(host->root_fd, path, &khz) >= 0 ? khz : -1;
}

int rig_policy_of(const struct gov_host *host, uint32_t cpu, uint32_t *ret) {
        if (!mode_of(host, cpu))
                return -ENODEV;
        *ret = cpu;
        return 0;
}

void rig_settle(const struct gov_host *host, uint32_t policy) {
        static const char *const files[] = { PREFERENCE, "scaling_governor", "boost" };

        if (!mode_of(host, policy))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
                char path[128], value[GOVERNORD_VALUE_MAX];

                POLICY_FILE(path, policy, files[i]);
                if (attr_read(host->root_fd, path, value, sizeof(value)) >= 0)
                        (void) attr_write(host->root_fd, path, value, true);
        }
}
