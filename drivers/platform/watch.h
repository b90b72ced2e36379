/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_WATCH_H
#define DRIVERS_PLATFORM_WATCH_H

#include "include/governord/driver.h"

/* Detects that the platform profile has appeared, has disappeared, or offers other choices than at the probe; on simulated
 * machines, also that a device of a watched class was added or removed. */

struct watch {
        const struct gov_host *host;
        int fd;            /* of inotify; -1: none */
        char choices[256]; /* choices at the probe; "": no platform profile */
};

/* Starts the watch. If inotify or the directory is not available, no changes are detected. */
void watch_start(struct watch *watch, const struct gov_host *host);
void watch_stop(struct watch *watch);
/* Reads all events. Returns GOV_DISPATCH_PROBE if the machine must be probed again, otherwise GOV_DISPATCH_NOTHING. */
int watch_dispatch(struct watch *watch);

#endif
