/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/*
 * Calls a function when another program has written to a watched file, or when the kernel has notified a change (sysfs_notify).
 * There are no timers and, without changes, no wake-ups.
 *
 * With fanotify (root; Linux 6.7 or later for sysfs) the writer is known, and writes of this process cause no callback. Files for
 * which fanotify does not work are watched with inotify: then writers are unknown, and writes of this process cause callbacks, too.
 *
 * A callback means that the file has to be read again, not that its value has changed: there may be too many callbacks, never too
 * few.
 */

struct watch;

/* Passed in place of a cookie when events were lost: any file may have changed. */
#define WATCH_EVERYTHING UINT64_MAX

/* `who` is the process id of the writer, 0 if it is unknown or the kernel. `comm` is its name, "" if it is unknown or the process
 * has ended. May call watch_add() and watch_clear(), but not watch_free(). If writers are unknown, a write to the file from within
 * the callback causes another callback. */
typedef void (*watch_callback)(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);

/* `root_path` is the path of the directory that `root_fd` refers to. The descriptor stays the caller's and must outlive the watch.
 * Returns 0 or a negative errno. */
int watch_new(sd_event *event, int root_fd, const char *root_path, watch_callback callback, void *userdata, struct watch **ret);
struct watch *watch_free(struct watch *watch);

/* Watches a file until it vanishes or watch_clear() is called. A file may have several cookies. Adding the same path and cookie
 * again costs nothing if the file is the same, and follows the new file if it was replaced (CPU offline and online). Returns 0;
 * -ENOENT; -ENOSPC when the kernel's limit is reached (logged once); -EINVAL for WATCH_EVERYTHING; -ENOMEM. */
int watch_add(struct watch *watch, const char *path, uint64_t cookie);
/* Stops watching all files and drops queued events. */
void watch_clear(struct watch *watch);

/* For status: true while fanotify watches all files, so that callbacks name the writer. */
bool watch_knows_writers(const struct watch *watch);
size_t watch_count(const struct watch *watch);
/* For tests: use inotify only. To be called before the first watch_add(). */
void watch_use_inotify(struct watch *watch);

#endif
