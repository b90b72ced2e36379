/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A driver for the platform profile may be loaded long after the service has started. For real hardware udev tells; this tells
 * in simulated machines, and where files change without an event of a device (firmware that adds a profile). It watches
 * the directory, since the file itself may not exist yet, and it compares choices only: that another profile was chosen is not
 * its business. */

#include "drivers/platform/watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/platform/profile.h"

#define EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_ONLYDIR)

static void read_choices(const struct watch *watch, char ret[static 256]) {
        if (profile_choices(watch->host, ret, 256) < 0)
                ret[0] = '\0';
}

/* inotify takes no descriptor of a directory, but /proc has a path for each. */
static int watch_directory(const struct gov_host *host, int inotify) {
        _cleanup_close_ int dir = openat(host->root_fd, PROFILE_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
        char path[32];

        if (dir < 0 || TEXT_FORMAT(path, "/proc/self/fd/%d", dir) < 0)
                return -1;
        return inotify_add_watch(inotify, path, EVENTS);
}

void watch_start(struct watch *watch, const struct gov_host *host) {
        _cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

        *watch = (struct watch) { .host = host, .fd = -1 };
        if (fd < 0 || watch_directory(host, fd) < 0)
                return;
        read_choices(watch, watch->choices);
        watch->fd = TAKE_FD(fd);
}

void watch_stop(struct watch *watch) {
        watch->fd = close_fd(watch->fd);
}

int watch_dispatch(struct watch *watch) {
        char events[4096], choices[256];

        while (watch->fd >= 0 && read(watch->fd, events, sizeof(events)) > 0)
                ;
        read_choices(watch, choices);
        return strcmp(choices, watch->choices) == 0 ? 0 : 2;
}
