/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Detects changes of the list of platform profiles, whose kernel driver may be loaded after the service has started. On real
 * machines, udev also reports new drivers. The directory is watched, because the file may not exist yet. Changes of the selected
 * profile are ignored. */

#include "drivers/platform/watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "drivers/platform/profile.h"

#define EVENTS       (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_ONLYDIR)
#define CLASS_EVENTS (IN_CREATE | IN_DELETE)

static void read_choices(const struct watch *watch, char ret[static 256]) {
        if (profile_choices(watch->host, ret, 256) < 0)
                ret[0] = '\0';
}

/* inotify does not accept a descriptor of the directory, but it accepts the path of the descriptor in /proc. */
static int watch_directory(const struct gov_host *host, int inotify, const char *directory, uint32_t events) {
        _cleanup_close_ int dir = openat(host->root_fd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        char path[32];

        if (dir < 0 || TEXT_FORMAT(path, "/proc/self/fd/%d", dir) < 0)
                return -1;
        return inotify_add_watch(inotify, path, events);
}

/* Returns the number of watched directories. On simulated machines these include the classes of devices for actions, where a new
 * device is a new link; the service waits until its attributes exist. */
static int watch_all(const struct gov_host *host, int inotify) {
        static const char *const classes[] = { "sys/class/power_supply", "sys/class/drm", "sys/class/platform-profile" };
        int n = watch_directory(host, inotify, PROFILE_DIR, EVENTS) >= 0;

        for (size_t i = 0; host->simulated && i < ARRAY_SIZE(classes); i++)
                n += watch_directory(host, inotify, classes[i], CLASS_EVENTS) >= 0;
        return n;
}

void watch_start(struct watch *watch, const struct gov_host *host) {
        _cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

        *watch = (struct watch){ .host = host, .fd = -1 };
        if (fd < 0 || watch_all(host, fd) == 0)
                return;
        read_choices(watch, watch->choices);
        watch->fd = TAKE_FD(fd);
}

void watch_stop(struct watch *watch) {
        watch->fd = close_fd(watch->fd);
}

/* Returns true if a device was added or removed. Events of the files platform_profile* are ignored. */
static bool has_device(const char *events, ssize_t size) {
        const struct inotify_event *event;

        for (ssize_t i = 0; i + (ssize_t) sizeof(*event) <= size; i += (ssize_t) (sizeof(*event) + event->len)) {
                event = (const struct inotify_event *) (const void *) &events[i];
                if ((event->mask & CLASS_EVENTS) && strncmp(event->name, "platform_profile", 16) != 0)
                        return true;
        }
        return false;
}

int watch_dispatch(struct watch *watch) {
        char events[4096] __attribute__((aligned(8))), choices[256];
        bool device = false;
        ssize_t n;

        while (watch->fd >= 0 && (n = read(watch->fd, events, sizeof(events))) > 0)
                device |= watch->host->simulated && has_device(events, n);
        read_choices(watch, choices);
        return strcmp(choices, watch->choices) == 0 && !device ? GOV_DISPATCH_NOTHING : GOV_DISPATCH_PROBE;
}
