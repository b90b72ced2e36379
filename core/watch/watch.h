/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/*
 * Calls a function when another program has written to a watched file, or when the kernel has reported a change of it
 * (sysfs_notify). Without changes there are no wake-ups.
 *
 * With fanotify (root only; for sysfs, Linux 6.7 or later) the writer is known, and writes of this process cause no callback. Files
 * for which fanotify does not work are watched with inotify. In this case the writer is unknown, and writes of this process cause
 * callbacks, too.
 *
 * After a callback the caller must read the file again. The value may be unchanged: superfluous callbacks are possible, but no
 * change is missed.
 */

struct watch;

/* Passed in place of a cookie when events were lost: any file may have changed. */
#define WATCH_EVERYTHING UINT64_MAX

/* `who` is the process ID of the writer, 0 if the writer is the kernel or unknown. `comm` is the name of the process, "" if it is
 * unknown or the process has ended. The callback may call watch_add() and watch_clear(), but not watch_free(). If writers are
 * unknown, a write to the file from within the callback causes another callback. */
typedef void (*watch_callback)(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);

/* `root_path` is the path of the directory that `root_fd` refers to. The caller keeps the descriptor open until watch_free().
 * Returns 0 or a negative errno. */
int watch_new(sd_event *event, int root_fd, const char *root_path, watch_callback callback, void *userdata, struct watch **ret);
struct watch *watch_free(struct watch *watch);

/* Watches a file until it is removed or watch_clear() is called. A file may have several cookies. Adding the same path and cookie
 * again has no effect if the file is the same; if it was replaced (CPU offline and online), the new file is watched. Returns 0;
 * -ENOENT; -ENOSPC if the kernel's limit is reached (logged once); -EINVAL for WATCH_EVERYTHING; -ENOMEM. */
int watch_add(struct watch *watch, const char *path, uint64_t cookie);
/* Stops watching all files and drops queued events. */
void watch_clear(struct watch *watch);

/* Returns true while all files are watched with fanotify, so that callbacks name the writer. For the status only. */
bool watch_knows_writers(const struct watch *watch);
/* Returns the number of pairs of file and cookie. */
size_t watch_count(const struct watch *watch);
/* For tests: use inotify only. To be called before the first watch_add(). */
void watch_use_inotify(struct watch *watch);

#endif
