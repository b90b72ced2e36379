/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Reports hardware that is added, removed or changed, from the uevents that udevd forwards. These reach only the initial network
 * namespace, so the unit must not have PrivateNetwork=yes. This is not used for simulated machines.
 */

struct hotplug;

#define HOTPLUG_SUBSYSTEMS_MAX 16

/* cpufreq sends no uevents. When a cpufreq driver registers, these subsystems do: for the module of the driver, once it is
 * initialised, and for the device to which the driver is bound. */
#define HOTPLUG_DRIVER_SUBSYSTEMS "module", "platform", "scmi_protocol"

/* Called once for each subsystem and burst of events. `count` is the number of events. `action` ("add", "remove", "change",
 * "online", "offline", ...) and `devpath` ("/devices/system/cpu/cpu3") are those of the last event other than "change", or of a
 * "change" if there was no other. If `count` is above 1, the callback must examine all devices of the subsystem again. It may call
 * hotplug_free(). */
typedef void (*hotplug_callback)(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata);

/* `subsystems` ends with NULL; its texts must stay valid. Returns 0; -EOPNOTSUPP if udevd is not running; -E2BIG for more than
 * HOTPLUG_SUBSYSTEMS_MAX; or another negative errno. */
int hotplug_new(sd_event *event, const char *const *subsystems, hotplug_callback callback, void *userdata, struct hotplug **ret);
struct hotplug *hotplug_free(struct hotplug *hotplug);

#endif
