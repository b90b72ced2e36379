/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Energy counters of AMD packages. The kernel provides them under the name "intel-rapl" on AMD machines, too, so the vendor of the
 * CPU is checked. AMD has no registers for limits. Only privileged callers may read the counters, because they are a side channel
 * (PLATYPUS). */

#include "drivers/amd/energy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "drivers/common/cpuinfo.h"

#define POWERCAP_DIR "sys/class/powercap"

/* Adds top-level zones only: their names contain one colon ("intel-rapl:0"). */
static int add_zone(const char *name, void *userdata) {
        struct amd *amd = userdata;
        struct gov_instance instance = { .min = 0, .flags = GOV_INSTANCE_PRIVATE };
        char path[160];
        uint32_t zone;
        int r;

        if (attr_suffix(name, "intel-rapl:", &zone) < 0)
                return 0;
        (void) TEXT_FORMAT(path, POWERCAP_DIR "/intel-rapl:%u/name", zone);
        if (attr_read(amd->set.host->root_fd, path, instance.label, sizeof(instance.label)) < 0 ||
            sscanf(instance.label, "package-%4u", &instance.domain) != 1) /* or "package-0-die-1" */
                return 0;
        (void) TEXT_FORMAT(instance.path, POWERCAP_DIR "/intel-rapl:%u/energy_uj", zone);
        (void) TEXT_FORMAT(path, POWERCAP_DIR "/intel-rapl:%u/max_energy_range_uj", zone);
        if (attr_read_i64(amd->set.host->root_fd, path, &instance.max) < 0)
                instance.max = -1;
        r = knobset_add(&amd->set, ROW_ENERGY, &instance);
        amd->n_zones += r > 0;
        return r < 0 ? r : 0;
}

int energy_add(struct amd *amd) {
        int r;

        if (cpuinfo_is_made_by(amd->set.host, "AuthenticAMD") != CPUINFO_YES)
                return 0;
        r = attr_walk(amd->set.host->root_fd, POWERCAP_DIR, "intel-rapl:", add_zone, amd);
        return r == -ENOMEM ? r : 0;
}
