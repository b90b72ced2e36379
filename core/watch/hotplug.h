/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Hardware that comes, goes or changes, from the uevents that udevd forwards. They reach only the network namespace of the host, so
 * the unit must not have PrivateNetwork=yes. There is no such object for a simulated machine.
 */

struct hotplug;

#define HOTPLUG_SUBSYSTEMS_MAX 16

/* cpufreq sends no uevents. These subsystems do when a cpufreq driver registers: the module of the driver, once it is initialised,
 * and the device to which the driver is bound. */
#define HOTPLUG_DRIVER_SUBSYSTEMS "module", "platform", "scmi_protocol"

/* Called once for each subsystem and burst of events. `count` is the number of events. `action` ("add", "remove", "change",
 * "online", "offline", ...) and `devpath` ("/devices/system/cpu/cpu3") are those of the last event other than "change", or of a
 * "change" if there was no other. When count is above 1, the receiver has to examine all devices again. May call hotplug_free(). */
typedef void (*hotplug_callback)(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata);

/* `subsystems` ends with NULL; its texts must stay valid. Returns 0; -EOPNOTSUPP when udevd does not run; -E2BIG for more than
 * HOTPLUG_SUBSYSTEMS_MAX; other errors of the kernel. */
int hotplug_new(sd_event *event, const char *const *subsystems, hotplug_callback callback, void *userdata, struct hotplug **ret);
struct hotplug *hotplug_free(struct hotplug *hotplug);

#endif
