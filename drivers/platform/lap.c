/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lap mode of ThinkPads: the firmware limits performance while its sensor detects a lap. The state is provided as a sensor. */

#include "drivers/platform/lap.h"

#include "base/attr.h"

/* The usual path of the device, and the path for emulated devices. The first path that exists is used. */
static const char *const paths[] = {
        "sys/devices/platform/thinkpad_acpi/dytc_lapmode",
        "sys/bus/platform/devices/thinkpad_acpi/dytc_lapmode",
};

int lap_add(struct platform *platform) {
        int r = 0;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && r == 0; i++)
                r = knobset_add_file(&platform->set, ROW_LAP_MODE, 0, "%s", paths[i]);
        return r < 0 ? r : 0;
}
