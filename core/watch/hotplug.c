/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns uevents into one callback for each subsystem and burst. Devices are neither examined nor stored. The callback runs from a
 * deferred event source with a lower priority than the socket, so that all events that are queued in the socket are received
 * first. */

#include "core/watch/hotplug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-device.h>
#include <unistd.h>

#include "base/text.h"

/* Enough for 4096 CPUs that come online, with about 400 bytes for each. The kernel allocates memory only for queued events. */
#define RECEIVE_BUFFER_SIZE (4u << 20)

struct burst {
        const char *subsystem;
        uint32_t count;
        char action[12];
        char devpath[160];
};

struct hotplug {
        sd_device_monitor *monitor;
        sd_event_source *deferred;
        hotplug_callback callback;
        void *userdata;
        struct burst bursts[HOTPLUG_SUBSYSTEMS_MAX];
        uint32_t n;
};

static int received(sd_device_monitor *monitor, sd_device *device, void *userdata) {
        const char *subsystem, *action = "", *devpath = "";
        struct hotplug *hotplug = userdata;

        (void) monitor;
        if (sd_device_get_subsystem(device, &subsystem) < 0)
                return 0;
        (void) sd_device_get_property_value(device, "ACTION", &action);
        (void) sd_device_get_devpath(device, &devpath);
        for (uint32_t i = 0; i < hotplug->n; i++) {
                struct burst *burst = &hotplug->bursts[i];

                if (!text_equal(burst->subsystem, subsystem))
                        continue;
                (void) sd_event_source_set_enabled(hotplug->deferred, SD_EVENT_ONESHOT);
                if (burst->count++ > 0 && text_equal(action, "change")) /* a change must not hide that a device was added or
                                                                           removed */
                        continue;
                (void) TEXT_FORMAT(burst->action, "%s", action);
                (void) TEXT_FORMAT(burst->devpath, "%s", devpath);
        }
        return 0;
}

/* The callback may free the object. Each run of this function therefore makes only one call, and schedules another run for the
 * other bursts. */
static int call_back(sd_event_source *source, void *userdata) {
        struct hotplug *hotplug = userdata;
        struct burst burst = {};

        for (uint32_t i = 0; i < hotplug->n; i++) {
                if (hotplug->bursts[i].count == 0)
                        continue;
                if (burst.count > 0) {
                        (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
                        break;
                }
                burst = hotplug->bursts[i];
                hotplug->bursts[i].count = 0;
        }
        if (burst.count > 0)
                hotplug->callback(burst.subsystem, burst.action, burst.devpath, burst.count, hotplug->userdata);
        return 0;
}

static int take_subsystems(struct hotplug *hotplug, const char *const *subsystems) {
        int r = 0;

        for (const char *const *s = subsystems; r >= 0 && *s; s++) {
                if (hotplug->n == HOTPLUG_SUBSYSTEMS_MAX)
                        return -E2BIG;
                hotplug->bursts[hotplug->n++].subsystem = *s;
                r = sd_device_monitor_filter_add_match_subsystem_devtype(hotplug->monitor, *s, NULL);
        }
        return r;
}

static int start(struct hotplug *hotplug, sd_event *event, const char *const *subsystems) {
        int r = sd_device_monitor_new(&hotplug->monitor);

        if (r >= 0)
                r = take_subsystems(hotplug, subsystems);
        if (r >= 0)
                r = sd_device_monitor_attach_event(hotplug->monitor, event);
        if (r >= 0)
                r = sd_event_add_defer(event, &hotplug->deferred, call_back, hotplug);
        if (r >= 0)
                r = sd_event_source_set_enabled(hotplug->deferred, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(hotplug->deferred, SD_EVENT_PRIORITY_NORMAL + 1);
        if (r < 0)
                return r;
        (void) sd_device_monitor_set_receive_buffer_size(hotplug->monitor, RECEIVE_BUFFER_SIZE);
        return sd_device_monitor_start(hotplug->monitor, received, hotplug);
}

int hotplug_new(sd_event *event, const char *const *subsystems, hotplug_callback callback, void *userdata, struct hotplug **ret) {
        struct hotplug *hotplug;
        int r;

        if (access("/run/udev/control", F_OK) < 0) /* libsystemd uses the same test; without udevd its monitor would receive
                                                      nothing, without an error */
                return -EOPNOTSUPP;
        hotplug = calloc(1, sizeof(*hotplug));
        if (!hotplug)
                return -ENOMEM;
        hotplug->callback = callback;
        hotplug->userdata = userdata;
        r = start(hotplug, event, subsystems);
        if (r < 0) {
                (void) hotplug_free(hotplug);
                return r;
        }
        *ret = hotplug;
        return 0;
}

struct hotplug *hotplug_free(struct hotplug *hotplug) {
        if (!hotplug)
                return NULL;
        (void) sd_event_source_disable_unref(hotplug->deferred);
        (void) sd_device_monitor_unref(hotplug->monitor);
        free(hotplug);
        return NULL;
}
