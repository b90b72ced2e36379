/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq-internal.h"
#include "drivers/common/rig.h"

bool cpufreq_driver_matches(const char *scaling_drivers, const char *name) {
        if (!scaling_drivers)
                return true;
        if (scaling_drivers[0] == '!')
                return !word_in_list(scaling_drivers + 1, name);
        return word_in_list(scaling_drivers, name);
}

bool cpufreq_policy_matches(const struct gov_host *host, const char *scaling_drivers, uint32_t policy) {
        char path[96], text[GOVERNORD_VALUE_MAX];
        const char *name = text;

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_driver", policy);
        if (attr_read(host->root_fd, path, text, sizeof(text)) <= 0)
                name = rig_scaling_driver(host, policy);
        return name && cpufreq_driver_matches(scaling_drivers, name);
}
