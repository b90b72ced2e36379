/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intel_pstate: its policies in active mode ("intel_pstate") and passive mode ("intel_cpufreq"), and its global files.
 *
 * The mode is never changed, because a write to `status` re-registers the kernel driver, which loses all settings. The turbo switch
 * is inverted, so that "boost" has the same meaning as in other drivers. */

#include "drivers/intel/pstate.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"

#define PSTATE_DIR "sys/devices/system/cpu/intel_pstate"

static const struct cpufreq_rows policy_rows = {
        .governor = INTEL_GOVERNOR,
        .min_freq = INTEL_MIN_FREQ,
        .max_freq = INTEL_MAX_FREQ,
        .boost = CPUFREQ_NO_ROW,
        .epp = INTEL_EPP,
};

static const struct {
        enum intel_row row;
        const char *file;
        int64_t max;
} globals[] = {
        { INTEL_MIN_PERF_PCT, "min_perf_pct", 100 },
        { INTEL_MAX_PERF_PCT, "max_perf_pct", 100 },
        { INTEL_BOOST, "no_turbo", 1 },
        { INTEL_HWP_DYNAMIC_BOOST, "hwp_dynamic_boost", 1 },
        { INTEL_ENERGY_EFFICIENCY, "energy_efficiency", 1 },
};

static int add_policy(uint32_t policy, void *userdata) {
        struct intel *intel = userdata;

        return cpufreq_add(&intel->knobs, &policy_rows, policy);
}

static int add_global(struct intel *intel, size_t i) {
        struct gov_instance instance = { .min = 0, .max = globals[i].max };

        (void) TEXT_FORMAT(instance.path, PSTATE_DIR "/%s", globals[i].file);
        return knobset_add(&intel->knobs, globals[i].row, &instance);
}

/* If the processor has no turbo (turbo_pct is 0), a disabled turbo does not indicate heat. On hybrid machines turbo_pct is missing, so
 * it is unknown whether there is a turbo. */
static int add_turbo_sensor(struct intel *intel) {
        int64_t turbo_pct;

        if (attr_read_i64(intel->knobs.host->root_fd, PSTATE_DIR "/turbo_pct", &turbo_pct) < 0 || turbo_pct == 0)
                return 0;
        return knobset_add_file(&intel->knobs, INTEL_TURBO_DISABLED, 0, PSTATE_DIR "/no_turbo");
}

int pstate_add(struct intel *intel) {
        int r = cpufreq_walk(intel->knobs.host, INTEL_SCALING_DRIVERS, add_policy, intel);

        if (r < 0)
                return r;
        intel->n_policies = r;
        r = knobset_add_file(&intel->knobs, INTEL_DRIVER_MODE, 0, PSTATE_DIR "/status"); /* also while "off"; it may change */
        if (r < 0 || intel->n_policies == 0)
                return r < 0 ? r : 0;
        for (size_t i = 0; i < sizeof(globals) / sizeof(globals[0]) && r >= 0; i++)
                r = add_global(intel, i);
        if (r >= 0)
                r = add_turbo_sensor(intel);
        return r < 0 ? r : 0;
}

int pstate_boost_read(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        const struct intel *intel = state;
        int64_t no_turbo;
        int r;

        r = attr_read_i64(intel->knobs.host->root_fd, instance->path, &no_turbo);
        if (r == -EINVAL || r == -ERANGE || (r == 0 && (no_turbo < 0 || no_turbo > 1)))
                return -EIO;
        if (r < 0)
                return r;
        r = text_format(ret, size, "%d", no_turbo == 0);
        return r < 0 ? r : 1;
}

int pstate_boost_write(void *state, const struct gov_instance *instance, const char *value) {
        const struct intel *intel = state;

        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return attr_write(intel->knobs.host->root_fd, instance->path, strcmp(value, "0") == 0 ? "1" : "0",
                          intel->knobs.host->simulated != 0);
}
