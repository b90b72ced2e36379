/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Driver "platform": the platform profile of the firmware, the lap sensor, wake-up latency limits, and the devices of
 * power-profiles-daemon's actions. Temperature is not handled here: the service receives thermal events by netlink. */

#include <errno.h>
#include <stdlib.h>

#include "base/attr.h"
#include "drivers/platform/actions.h"
#include "drivers/platform/lap.h"
#include "drivers/platform/platform.h"
#include "drivers/platform/profile.h"

static const struct gov_knob_row rows[ROW_COUNT] = {
        [ROW_PROFILE] = { "platform-profile", "power profile of the firmware", GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_PLATFORM,
                          GOV_KNOB_FIRMWARE },
        [ROW_LAP_MODE] = { "lap-mode", "the machine is on a lap, and the firmware limits its performance for that reason",
                           GOV_SCOPE_NODE, GOV_UNIT_BOOL, GOV_ORDER_PLATFORM, GOV_KNOB_SENSOR | GOV_KNOB_LAP },
        [ROW_DMA_LATENCY] = { "cpu-dma-latency", "longest time that any CPU may take to wake up; empty: no limit", GOV_SCOPE_NODE,
                              GOV_UNIT_MICROSECOND, GOV_ORDER_LIMIT, GOV_KNOB_FD_HELD },
        [ROW_RESUME_LATENCY] = { "resume-latency",
                                 "longest time that this CPU may take to wake up; 0: no limit, n/a: no delay is acceptable",
                                 GOV_SCOPE_CPU, GOV_UNIT_MICROSECOND, GOV_ORDER_LIMIT, GOV_KNOB_NAMED | GOV_KNOB_WAKE },
        [ROW_TRICKLE_CHARGE] = { "trickle-charge", "charge type of a peripheral's battery, which determines how fast it is charged",
                                 GOV_SCOPE_DEVICE, GOV_UNIT_TEXT, GOV_ORDER_ACTION, GOV_KNOB_ACTION },
        [ROW_PANEL_POWER] = { "amdgpu-panel-power", "power saving of the panel by reduced contrast, from 0 (off) to 4",
                              GOV_SCOPE_DEVICE, GOV_UNIT_NUMBER, GOV_ORDER_ACTION, GOV_KNOB_ACTION },
        [ROW_DPM] = { "amdgpu-dpm", "performance level of the GPU", GOV_SCOPE_DEVICE, GOV_UNIT_TEXT, GOV_ORDER_ACTION,
                      GOV_KNOB_ACTION },
};

static int read_latency(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        (void) instance;
        return latency_read(&((struct platform *) state)->latency, ret, size);
}

static int write_latency(void *state, const struct gov_instance *instance, const char *value) {
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return latency_write(&((struct platform *) state)->latency, value);
}

static const struct knobset_access access_of[ROW_COUNT] = {
        [ROW_DMA_LATENCY] = { read_latency, write_latency },
        [ROW_TRICKLE_CHARGE] = { NULL, actions_write_charge },
        [ROW_DPM] = { NULL, actions_write_dpm },
};

static int discover(struct platform *platform) {
        int r = profile_add(platform);

        if (r >= 0)
                r = lap_add(platform);
        if (r >= 0)
                r = latency_add(&platform->set, ROW_DMA_LATENCY, ROW_RESUME_LATENCY);
        if (r >= 0)
                r = actions_add(platform);
        if (r < 0)
                return r;
        if (knobset_total(&platform->set) > 0)
                return 0;
        return attr_exists(platform->set.host->root_fd, PROFILE_DIR) ? -EAGAIN : -ENODEV;
}

static void platform_remove(void *state) {
        struct platform *platform = state;

        watch_stop(&platform->watch);
        latency_done(&platform->latency);
        knobset_done(&platform->set);
        free(platform);
}

static int platform_probe(const struct gov_host *host, void **ret_state) {
        struct platform *platform = calloc(1, sizeof(*platform));
        int r;

        if (!platform)
                return -ENOMEM;
        latency_init(&platform->latency, host);
        watch_start(&platform->watch, host); /* before the search, so that no change is missed */
        r = knobset_init(&platform->set, &governord_driver, host, access_of);
        if (r >= 0)
                r = discover(platform);
        if (r < 0) {
                platform_remove(platform);
                return r;
        }
        *ret_state = platform;
        return 0;
}

static int platform_info(void *state, struct gov_driver_info *ret) {
        if (knobset_count(state, ROW_PROFILE) == 0) {
                (void) TEXT_FORMAT(ret->note, "the firmware offers no platform profile, or its driver is not loaded");
                return TEXT_FORMAT(ret->backend, "pm_qos"); /* only wake-up latency and devices were found */
        }
        ret->kind = GOV_KIND_PLATFORM;
        return TEXT_FORMAT(ret->backend, "platform_profile");
}

static int platform_get_fd(void *state) {
        return ((struct platform *) state)->watch.fd;
}

static int platform_dispatch(void *state) {
        return watch_dispatch(&((struct platform *) state)->watch);
}

const struct gov_driver governord_driver = {
        KNOBSET_DRIVER(rows),
        .priority = 10,
        .name = "platform",
        .description = "Firmware profiles, wake-up latency, devices of power-profiles-daemon's actions",
        .probe = platform_probe,
        .remove = platform_remove,
        .info = platform_info,
        .get_fd = platform_get_fd,
        .dispatch = platform_dispatch,
        .subsystems = "cpu power_supply drm platform-profile",
        .waits_for = "the driver of the firmware's platform profile",
};
