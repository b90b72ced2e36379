/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Determines whether the boost switches have an effect. Only two kinds of kernel drivers show this: drivers with a table of
 * frequencies list the boost frequencies, and cppc_cpufreq boosts if the highest performance that the firmware reports is above the
 * nominal one. acpi-cpufreq has a table, too, but the processor boosts independently of it. For all other drivers, boost is assumed
 * to work. */

#include "drivers/common/boost.h"

#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "drivers/common/cpufreq.h"

static bool driver_is(const struct gov_host *host, uint32_t policy, const char *name) {
        char path[96], driver[GOVERNORD_VALUE_MAX];

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_driver", policy);
        return attr_read(host->root_fd, path, driver, sizeof(driver)) > 0 && strcmp(driver, name) == 0;
}

static bool lists_no_frequency(const struct gov_host *host, uint32_t policy) {
        _cleanup_free_ char *list = NULL;
        char path[96];

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_boost_frequencies", policy);
        return attr_read_list(host->root_fd, path, &list) >= 0 && list[strspn(list, " ")] == '\0';
}

/* The number of a policy is that of its first CPU. */
static bool highest_is_nominal(const struct gov_host *host, uint32_t policy) {
        char path[96];
        int64_t highest, nominal;

        (void) TEXT_FORMAT(path, CPU_DIR "/cpu%u/acpi_cppc/highest_perf", policy);
        if (attr_read_i64(host->root_fd, path, &highest) < 0)
                return false;
        (void) TEXT_FORMAT(path, CPU_DIR "/cpu%u/acpi_cppc/nominal_perf", policy);
        return attr_read_i64(host->root_fd, path, &nominal) >= 0 && highest <= nominal;
}

bool boost_exists(const struct gov_host *host, uint32_t policy) {
        if (driver_is(host, policy, "acpi-cpufreq"))
                return true;
        if (driver_is(host, policy, "cppc_cpufreq"))
                return !highest_is_nominal(host, policy);
        return !lists_no_frequency(host, policy);
}
