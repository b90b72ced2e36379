/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cpufreq policies and power caps that a system control processor provides by SCMI. A power zone may be a cluster, the GPU or
 * the whole chip, and the firmware chooses its name, so zones are devices with a label. Capping is not enabled or disabled here
 * (`enabled`). A limit that is written while capping is disabled takes effect when capping is enabled; the note states this. */

#include "drivers/arm64/scmi.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "drivers/arm64/policy.h"
#include "drivers/common/cpufreq.h"

#define POWERCAP_DIR "sys/class/powercap"

/* Files of a zone that are provided as knobs, and the files that contain their ranges. */
static const struct {
        uint32_t row;
        const char *file, *min_file, *max_file;
        uint32_t flags;
} zone_files[] = {
        { ROW_PL1, "constraint_0_power_limit_uw", "constraint_0_min_power_uw", "constraint_0_max_power_uw", 0 },
        { ROW_PL1_WINDOW, "constraint_0_time_window_us", "constraint_0_min_time_window_us", "constraint_0_max_time_window_us", 0 },
        { ROW_ENERGY, "energy_uj", NULL, "max_energy_range_uj", GOV_INSTANCE_PRIVATE },
        { ROW_POWER, "power_uw", NULL, NULL, 0 },
};

static int64_t zone_number(const struct gov_host *host, const char *zone, const char *file) {
        char path[160];
        int64_t value;

        if (!file || TEXT_FORMAT(path, POWERCAP_DIR "/%s/%s", zone, file) < 0 || attr_read_i64(host->root_fd, path, &value) < 0)
                return -1;
        return value;
}

/* Sets the label and the note, which all knobs of a zone share. */
static void describe_zone(const struct gov_host *host, const char *zone, struct gov_instance *ret) {
        char path[160];

        (void) TEXT_FORMAT(path, POWERCAP_DIR "/%s/name", zone);
        if (attr_read(host->root_fd, path, ret->label, sizeof(ret->label)) < 0)
                (void) TEXT_FORMAT(ret->label, "%s", zone);
        if (zone_number(host, zone, "enabled") == 0)
                (void) TEXT_FORMAT(ret->note, "capping is disabled for this zone (enabled is 0), so the limit has no effect now");
}

/* The firmware reports 0 for an unknown minimum or maximum. */
static void read_range(const struct gov_host *host, const char *zone, size_t file, struct gov_instance *ret) {
        int64_t min = zone_number(host, zone, zone_files[file].min_file);
        int64_t max = zone_number(host, zone, zone_files[file].max_file);

        if (max <= 0)
                return;
        ret->min = min > 0 && min <= max ? min : 0;
        ret->max = max;
}

static int add_zone(const char *name, void *userdata) {
        struct arm64 *arm64 = userdata;
        struct gov_instance common = { .domain = arm64->n_zones };
        int r = 0;

        if (!strchr(name, ':')) /* the control type, which is not a zone */
                return 0;
        describe_zone(arm64->set.host, name, &common);
        for (size_t i = 0; i < sizeof(zone_files) / sizeof(zone_files[0]) && r >= 0; i++) {
                struct gov_instance instance = common;

                instance.min = 1;
                instance.flags = zone_files[i].flags;
                read_range(arm64->set.host, name, i, &instance);
                if (TEXT_FORMAT(instance.path, POWERCAP_DIR "/%s/%s", name, zone_files[i].file) >= 0)
                        r = knobset_add(&arm64->set, zone_files[i].row, &instance);
        }
        arm64->n_zones++;
        return r < 0 ? r : 0;
}

static int add_policy(uint32_t policy, void *userdata) {
        return arm64_add_policy(userdata, policy);
}

int scmi_add(struct arm64 *arm64) {
        int r = cpufreq_walk(arm64->set.host, "scmi", add_policy, arm64);

        if (r < 0)
                return r;
        arm64->n_scmi = (uint32_t) r;
        r = attr_walk(arm64->set.host->root_fd, POWERCAP_DIR, "arm-scmi", add_zone, arm64);
        return r == -ENOMEM ? r : 0;
}
