/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power limits and energy counters of RAPL, from the powercap tree, which has the same files for the MSR, MMIO and TPMI interfaces.
 * Two zones may limit the same package (package-0 by MSR and by MMIO). The hardware applies the lower limit, so both are provided.
 *
 * Limits above the firmware's maximum are accepted, because this maximum is often zero, and limits above it are common (a PL1 of
 * 135 W with a maximum of 55 W); see GOV_KNOB_SOFT_MAX. Values that fit into none of these registers are rejected. Zones that are
 * disabled or that the firmware has locked are read-only. Energy counters are private, because they are a side channel
 * (PLATYPUS). */

#include "drivers/intel/rapl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define POWERCAP_DIR "sys/class/powercap"

#define STEP_UW         125000                       /* 1/8 W, the unit of the registers */
#define LOWEST_UW       1000000                      /* limits below one watt are probably in a wrong unit */
#define REGISTER_MAX_UW (INT64_C(0x3ffff) * STEP_UW) /* TPMI has 18 bits, MSR and MMIO have 15 */

#define CONSTRAINTS_MAX 3

enum zone_kind { ZONE_PACKAGE, ZONE_SUBZONE, ZONE_PSYS, N_ZONE_KINDS };

#define NONE INTEL_N_ROWS

static const char *const constraint_names[CONSTRAINTS_MAX] = { "long_term", "short_term", "peak_power" };

/* Rows by kind of zone and by constraint, in the order of constraint_names. */
static const struct {
        enum intel_row limit[CONSTRAINTS_MAX], window[CONSTRAINTS_MAX], energy;
} zone_rows[N_ZONE_KINDS] = {
        [ZONE_PACKAGE] = { { INTEL_PL1, INTEL_PL2, INTEL_PL4 }, { INTEL_PL1_WINDOW, INTEL_PL2_WINDOW, NONE }, INTEL_ENERGY },
        [ZONE_SUBZONE] = { { INTEL_SUBZONE_PL1, NONE, NONE }, { INTEL_SUBZONE_PL1_WINDOW, NONE, NONE }, INTEL_SUBZONE_ENERGY },
        [ZONE_PSYS] = { { INTEL_PSYS_PL1, INTEL_PSYS_PL2, NONE },
                        { INTEL_PSYS_PL1_WINDOW, INTEL_PSYS_PL2_WINDOW, NONE },
                        INTEL_PSYS_ENERGY },
};

struct zone {
        struct intel *intel;
        const char *name; /* "intel-rapl:0:1" */
        enum zone_kind kind;
        struct gov_instance common; /* domain, label, flags and note, which all instances of the zone share */
};

static int zone_text(const struct gov_host *host, const char *zone, const char *file, char *ret, size_t size) {
        char path[160];
        int r = TEXT_FORMAT(path, POWERCAP_DIR "/%s/%s", zone, file);

        return r < 0 ? r : attr_read(host->root_fd, path, ret, size);
}

/* "package-1" or "package-1-die-0" */
static int package_number(const char *name, uint32_t *ret) {
        char rest;

        return sscanf(name, "package-%4u%c", ret, &rest) >= 1 ? 0 : -ENODEV;
}

/* A zone with two colons in its name is a part of the zone whose name is the text before the second colon. */
static int parent_package(const struct gov_host *host, const char *zone, uint32_t *ret) {
        const char *first = strchr(zone, ':'), *second = first ? strchr(first + 1, ':') : NULL;
        char parent[32], name[48];
        int r;

        if (!second)
                return -ENODEV;
        r = TEXT_FORMAT(parent, "%.*s", (int) (second - zone), zone);
        if (r >= 0)
                r = zone_text(host, parent, "name", name, sizeof(name));
        return r < 0 ? r : package_number(name, ret);
}

/* Determines kind and domain of the zone. Returns -ENODEV if they are unknown. */
static int identify(struct zone *zone) {
        const struct gov_host *host = zone->intel->knobs.host;
        bool mmio = strncmp(zone->name, "intel-rapl-mmio", strlen("intel-rapl-mmio")) == 0;
        char name[GOVERNORD_VALUE_MAX];
        int r = zone_text(host, zone->name, "name", name, sizeof(name));

        if (r < 0)
                return r;
        if (TEXT_FORMAT(zone->common.label, "%s%s", name, mmio ? " (mmio)" : "") < 0)
                return -ENODEV;
        if (parent_package(host, zone->name, &zone->common.domain) == 0)
                zone->kind = ZONE_SUBZONE;
        else if (package_number(name, &zone->common.domain) == 0)
                zone->kind = ZONE_PACKAGE;
        else if (strcmp(name, "psys") == 0)
                zone->kind = ZONE_PSYS;
        else
                return -ENODEV;
        return 0;
}

/* For a zone that the firmware has locked, `enabled` is 0. */
static void note_lock(struct zone *zone) {
        char enabled[GOVERNORD_VALUE_MAX];

        if (zone_text(zone->intel->knobs.host, zone->name, "enabled", enabled, sizeof(enabled)) < 0 || strcmp(enabled, "0") != 0)
                return;
        zone->common.flags = GOV_INSTANCE_READ_ONLY;
        (void) TEXT_FORMAT(zone->common.note, "locked by firmware, or disabled (enabled is 0)");
}

static int limit_range(const struct gov_host *host, struct gov_instance *instance) {
        (void) host;
        instance->min = 0;
        instance->max = REGISTER_MAX_UW;
        return 0;
}

static int add_constraint_file(struct zone *zone, enum intel_row row, struct gov_instance *instance, unsigned constraint,
                               const char *file) {
        if (row == NONE || TEXT_FORMAT(instance->path, POWERCAP_DIR "/%s/constraint_%u_%s", zone->name, constraint, file) < 0)
                return 0;
        return knobset_add(&zone->intel->knobs, row, instance);
}

static void read_limit_range(const struct zone *zone, unsigned constraint, struct gov_instance *limit) {
        char path[160];
        int64_t max;

        if (TEXT_FORMAT(path, POWERCAP_DIR "/%s/constraint_%u_max_power_uw", zone->name, constraint) < 0 ||
            attr_read_i64(zone->intel->knobs.host->root_fd, path, &max) < 0 || max <= LOWEST_UW)
                return;
        limit->min = LOWEST_UW;
        limit->max = max;
}

/* Identifies the limit constraint_N by its name, because N differs between machines. */
static int constraint_kind(const struct zone *zone, unsigned constraint) {
        char file[32], name[GOVERNORD_VALUE_MAX];

        (void) TEXT_FORMAT(file, "constraint_%u_name", constraint);
        if (zone_text(zone->intel->knobs.host, zone->name, file, name, sizeof(name)) < 0)
                return -ENODEV;
        for (int i = 0; i < CONSTRAINTS_MAX; i++)
                if (strcmp(name, constraint_names[i]) == 0)
                        return i;
        return -ENODEV;
}

static int add_constraint(struct zone *zone, unsigned constraint) {
        struct gov_instance limit = zone->common, window = zone->common;
        int kind = constraint_kind(zone, constraint), r;

        if (kind < 0)
                return 0;
        limit.step = STEP_UW;
        read_limit_range(zone, constraint, &limit);
        knobset_set_range(&zone->intel->knobs, zone_rows[zone->kind].limit[kind], limit_range);
        r = add_constraint_file(zone, zone_rows[zone->kind].limit[kind], &limit, constraint, "power_limit_uw");
        if (r < 0)
                return r;
        return add_constraint_file(zone, zone_rows[zone->kind].window[kind], &window, constraint, "time_window_us");
}

static int add_energy(struct zone *zone) {
        struct gov_instance energy = { .domain = zone->common.domain, .flags = GOV_INSTANCE_PRIVATE, .min = 0, .max = -1 };
        char range[96];

        if (TEXT_FORMAT(range, POWERCAP_DIR "/%s/max_energy_range_uj", zone->name) < 0 ||
            attr_read_i64(zone->intel->knobs.host->root_fd, range, &energy.max) < 0)
                energy.max = -1; /* unknown value at which it wraps */
        (void) TEXT_FORMAT(energy.label, "%s", zone->common.label);
        if (TEXT_FORMAT(energy.path, POWERCAP_DIR "/%s/energy_uj", zone->name) < 0)
                return 0;
        return knobset_add(&zone->intel->knobs, zone_rows[zone->kind].energy, &energy);
}

static int add_zone(const char *name, void *userdata) {
        struct zone zone = { .intel = userdata, .name = name, .common = { .min = 1, .max = 0 } };
        int r = 0;

        if (!strchr(name, ':') || identify(&zone) < 0)
                return 0;
        note_lock(&zone);
        for (unsigned i = 0; i < CONSTRAINTS_MAX && r >= 0; i++)
                r = add_constraint(&zone, i);
        return r < 0 ? r : add_energy(&zone);
}

int rapl_add(struct intel *intel) {
        int r = attr_walk(intel->knobs.host->root_fd, POWERCAP_DIR, "intel-rapl", add_zone, intel);

        return r == -ENOMEM ? r : 0;
}
