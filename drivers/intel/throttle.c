/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of thermal throttling since boot, per CPU and per package. They do not have GOV_KNOB_HEAT: a value other than 0 does not
 * mean that the processor is being throttled now. */

#include "drivers/intel/throttle.h"

#include <errno.h>

#include "base/attr.h"

#define PACKAGES_MAX 1024

struct walk {
        struct intel *intel;
        bool seen[PACKAGES_MAX]; /* all CPUs of a package show the same counter */
};

static int add_package(struct walk *walk, uint32_t cpu) {
        int64_t package;
        char path[96];

        (void) TEXT_FORMAT(path, CPU_DIR "/cpu%u/topology/physical_package_id", cpu);
        if (attr_read_i64(walk->intel->knobs.host->root_fd, path, &package) < 0 || package < 0 || package >= PACKAGES_MAX ||
            walk->seen[package])
                return 0;
        walk->seen[package] = true;
        return knobset_add_file(&walk->intel->knobs, INTEL_PACKAGE_THROTTLES, (uint32_t) package,
                                CPU_DIR "/cpu%u/thermal_throttle/package_throttle_count", cpu);
}

static int add_cpu(const char *name, void *userdata) {
        struct walk *walk = userdata;
        uint32_t cpu;
        int r;

        if (attr_suffix(name, "cpu", &cpu) < 0)
                return 0;
        r = knobset_add_file(&walk->intel->knobs, INTEL_CORE_THROTTLES, cpu, CPU_DIR "/cpu%u/thermal_throttle/core_throttle_count",
                             cpu);
        return r > 0 ? add_package(walk, cpu) : r;
}

int throttle_add(struct intel *intel) {
        struct walk walk = { .intel = intel };
        int r = attr_walk(intel->knobs.host->root_fd, CPU_DIR, "cpu", add_cpu, &walk);

        return r == -ENOMEM ? r : 0;
}
