/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frequency limits of the uncore (mesh, last-level cache, memory controller), from intel_uncore_frequency.
 *
 * The range is that of the firmware's values at boot, initial_min..initial_max, because the register accepts values that the
 * hardware does not support. */

#include "drivers/intel/uncore.h"

#include <errno.h>
#include <stdio.h>

#include "base/attr.h"

#define UNCORE_DIR "sys/devices/system/cpu/intel_uncore_frequency"
#define STEP_KHZ   100000 /* one unit of the register's ratio */

static int64_t domain_number(const struct gov_host *host, const char *name, const char *file) {
        char path[160];
        int64_t value;

        if (TEXT_FORMAT(path, UNCORE_DIR "/%s/%s", name, file) < 0 || attr_read_i64(host->root_fd, path, &value) < 0)
                return -1;
        return value;
}

/* The package number is in the name of package_XX_die_YY, and in a file of uncoreNN. */
static int package_of(const struct gov_host *host, const char *name, uint32_t *ret) {
        unsigned package, die;
        int64_t id;

        if (sscanf(name, "package_%3u_die_%3u", &package, &die) == 2) {
                *ret = package;
                return 0;
        }
        id = domain_number(host, name, "package_id");
        if (id < 0 || id >= UINT32_MAX)
                return -ENODEV;
        *ret = (uint32_t) id;
        return 0;
}

static int add_limit(struct intel *intel, enum intel_row row, const struct gov_instance *range, const char *file) {
        struct gov_instance instance = *range;

        if (TEXT_FORMAT(instance.path, UNCORE_DIR "/%s/%s", range->label, file) < 0)
                return 0;
        return knobset_add(&intel->knobs, row, &instance);
}

static int add_domain(const char *name, void *userdata) {
        struct intel *intel = userdata;
        const struct gov_host *host = intel->knobs.host;
        struct gov_instance range = { .min = 1, .max = 0, .step = STEP_KHZ };
        int64_t min = domain_number(host, name, "initial_min_freq_khz"), max = domain_number(host, name, "initial_max_freq_khz");
        int r;

        if (package_of(host, name, &range.domain) < 0 || TEXT_FORMAT(range.label, "%s", name) < 0)
                return 0;
        if (min >= 0 && max >= min) {
                range.min = min;
                range.max = max;
        }
        r = add_limit(intel, INTEL_UNCORE_MIN_FREQ, &range, "min_freq_khz");
        return r < 0 ? r : add_limit(intel, INTEL_UNCORE_MAX_FREQ, &range, "max_freq_khz");
}

int uncore_add(struct intel *intel) {
        int r = attr_walk(intel->knobs.host->root_fd, UNCORE_DIR, "", add_domain, intel);

        return r == -ENOMEM ? r : 0;
}
