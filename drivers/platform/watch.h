/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_WATCH_H
#define DRIVERS_PLATFORM_WATCH_H

#include "include/governord/driver.h"

/* Detects a platform profile that appears, disappears, or offers other choices than at the probe. */

struct watch {
        const struct gov_host *host;
        int fd;            /* inotify, -1 for none */
        char choices[256]; /* at the probe; "": there was no platform profile */
};

/* Never fails: without inotify, or without the directory, no changes are detected. */
void watch_start(struct watch *watch, const struct gov_host *host);
void watch_stop(struct watch *watch);
/* Drains the descriptor. Returns 2 if the machine must be probed again, otherwise 0. */
int watch_dispatch(struct watch *watch);

#endif
