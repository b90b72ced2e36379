/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cpufreq policies of amd-pstate in all of its modes. The mode is never changed, because a write to `status` re-registers the
 * kernel driver, which loses all settings. The request registers are not accessed, because the kernel caches their contents. Some
 * kernels return EINVAL for writes to `boost` of a single policy; this error is passed on like any other. */

#include "drivers/amd/pstate.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq.h"

/* Linux 7.1 and 7.2 can select the EPP by power source; writes then fail with EBUSY. */
#define DYNAMIC_EPP_NOTE "dynamic EPP is on: the kernel selects the EPP by power source"
/* All EPP values that the kernel can list, in its order. With the governor "performance", the default on servers, it lists only
 * "performance", although the others are available with any other governor. */
#define PREFERENCES "default performance balance_performance balance_power power"

static const struct cpufreq_rows rows = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, ROW_EPP };
static const struct cpufreq_rows rows_without_epp = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, CPUFREQ_NO_ROW };

/* Read-only files of a policy that are provided as sensors. */
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

static void read_preferences(const struct gov_host *host, uint32_t policy, struct gov_instance *ret) {
        char path[160];

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/energy_performance_available_preferences", policy);
        if (attr_read(host->root_fd, path, ret->choices, sizeof(ret->choices)) < 0)
                ret->choices[0] = '\0';
}

/* Adds the EPP in the cases that cpufreq_add() does not handle correctly. Returns 1 if it was added, 0 if cpufreq_add() should add
 * it, or -ENOMEM. */
static int add_special_epp(struct amd *amd, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .min = 0, .max = 255 };

        (void) TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/energy_performance_preference", policy);
        read_preferences(amd->set.host, policy, &instance);
        if (dynamic_epp(amd->set.host)) {
                instance.min = 1;
                instance.max = 0;
                instance.flags = GOV_INSTANCE_READ_ONLY;
                (void) TEXT_FORMAT(instance.note, DYNAMIC_EPP_NOTE);
        } else if (strcmp(instance.choices, "performance") == 0)
                (void) TEXT_FORMAT(instance.choices, PREFERENCES);
        else
                return 0;
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
        int r = add_special_epp(amd, policy);

        if (amd->n_policies++ == 0)
                amd->first_policy = policy;
        if (r >= 0)
                r = cpufreq_add(&amd->set, r > 0 ? &rows_without_epp : &rows, policy);
        if (r >= 0)
                r = add_sensors(amd, policy);
        if (r >= 0)
                r = floors_add_policy(&amd->floors, policy);
        return r;
}

/* Kernels before 6.11 have only this global switch. It is then provided as the knob "boost" of the first policy. */
static int add_boost_global(struct amd *amd) {
        struct gov_instance instance = {
                .domain = amd->first_policy, .min = 0, .max = 1, .path = CPUFREQ_DIR "/boost", .note = "one switch for all CPUs"
        };

        if (knobset_count(&amd->set, ROW_BOOST) == 0)
                return knobset_add(&amd->set, ROW_BOOST, &instance);
        instance.domain = 0;
        instance.note[0] = '\0';
        return knobset_add(&amd->set, ROW_BOOST_GLOBAL, &instance);
}

/* After "dynamic" was written, Linux 7.3 shows "dynamic(profile:performance)". */
int pstate_read_epp(const struct gov_host *host, const struct gov_instance *instance, char *ret, size_t size) {
        int r = attr_read(host->root_fd, instance->path, ret, size);

        if (r < 0)
                return r;
        ret[strcspn(ret, "(")] = '\0';
        return (int) strlen(ret);
}

int pstate_write_epp(const struct gov_host *host, const struct gov_instance *instance, const char *value) {
        _cleanup_close_ int fd = -1;
        char before[GOVERNORD_VALUE_MAX];
        size_t bytes = 0;

        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        fd = attr_open(host->root_fd, instance->path, NULL);
        if (fd < 0)
                return fd;
        if (host->simulated != GOV_SIMULATED_TREE)
                return attr_write_fd(fd, value, host->simulated != 0);
        (void) attr_read_fd_bytes(fd, before, sizeof(before), &bytes);
        return attr_write_fd_filled(fd, value, bytes);
}

int pstate_add(struct amd *amd) {
        int r = cpufreq_walk(amd->set.host, AMD_PSTATE_SCALING_DRIVERS, add_policy, amd);

        if (r < 0)
                return r;
        r = knobset_add_file(&amd->set, ROW_DRIVER_MODE, 0,
                             AMD_PSTATE_DIR "/status"); /* also in the mode "disable", which may change */
        if (r < 0 || amd->n_policies == 0)
                return r < 0 ? r : 0;
        r = floors_add_knobs(&amd->floors, &amd->set, ROW_FLOOR_FREQ, ROW_FLOOR_COUNT);
        return r < 0 ? r : add_boost_global(amd);
}
