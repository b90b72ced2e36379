/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Hardware that comes, goes or changes: uevents as udevd passes them on. They reach only the host's network namespace, so the unit
 * must not have PrivateNetwork=yes. For a simulated machine it is not created.
 */

struct hotplug;

#define HOTPLUG_SUBSYSTEMS_MAX 16

/* cpufreq sends no uevents. What does is the module of its driver, once it has started, and the device that the driver is bound to. */
#define HOTPLUG_DRIVER_SUBSYSTEMS "module", "platform", "scmi_protocol"

/* A burst is one call per subsystem: `count` events, of which action ("add", "remove", "change", "online", "offline", ...) and
 * devpath ("/devices/system/cpu/cpu3") are those of the last that was no "change", if there was one. With more than one, look at
 * everything again. May call hotplug_free(). */
typedef void (*hotplug_callback)(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata);

/* `subsystems` ends with NULL; its texts must stay valid.
 * 0; -EOPNOTSUPP when udevd does not run; -E2BIG for more than HOTPLUG_SUBSYSTEMS_MAX; others from the kernel. */
int hotplug_new(sd_event *event, const char *const *subsystems, hotplug_callback callback, void *userdata, struct hotplug **ret);
struct hotplug *hotplug_free(struct hotplug *hotplug);

#endif
