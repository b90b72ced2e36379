/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The energy performance bias (EPB) of each CPU, the predecessor of the EPP. Hardware with HWP mostly ignores it. Values are the
 * numbers 0..15. The kernel also accepts names for five of them, but always shows a number, so a written name could not be
 * verified. */

#include "drivers/intel/epb.h"

#include <errno.h>

#include "base/attr.h"

static int add_cpu(const char *name, void *userdata) {
        struct intel *intel = userdata;
        struct gov_instance instance = { .min = 0, .max = 15 };

        if (attr_suffix(name, "cpu", &instance.domain) < 0)
                return 0;
        (void) TEXT_FORMAT(instance.path, CPU_DIR "/cpu%u/power/energy_perf_bias", instance.domain);
        return knobset_add(&intel->knobs, INTEL_EPB, &instance);
}

int epb_add(struct intel *intel) {
        int r = attr_walk(intel->knobs.host->root_fd, CPU_DIR, "cpu", add_cpu, intel);

        return r == -ENOMEM ? r : 0;
}
