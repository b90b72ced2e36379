/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_WATCH_H
#define DRIVERS_PLATFORM_WATCH_H

#include "include/governord/driver.h"

/* Notices a platform profile that comes, goes, or offers other choices than at the probe. */

struct watch {
        const struct gov_host *host;
        int fd;            /* inotify, -1 for none */
        char choices[256]; /* as of the probe; "" when there was no platform profile */
};

/* Never fails: without inotify, or without the directory, it notices nothing. */
void watch_start(struct watch *watch, const struct gov_host *host);
void watch_stop(struct watch *watch);
/* Drains the descriptor. 2 when the machine must be probed again, else 0. */
int watch_dispatch(struct watch *watch);

#endif
