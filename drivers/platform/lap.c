/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lap mode of ThinkPads: the firmware slows the machine down while its sensor detects a lap. The driver only shows this state. */

#include "drivers/platform/lap.h"

#include "base/attr.h"

/* The device's usual path, and its path below the bus (emulated devices are elsewhere). The first one that exists is used. */
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
