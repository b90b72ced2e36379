/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/*
 * Calls back when a watched file was written by another program, or notified by the kernel (sysfs_notify). No timers: without
 * changes there are no wake-ups.
 *
 * With fanotify (root, Linux 6.7 or later for sysfs) the writer is known, and what this process writes is swallowed. Otherwise inotify is
 * used, file by file, and writers are unknown; then our own writes call back, too.
 *
 * A callback says "look again", not "it has changed": it may come too often, never too rarely.
 */

struct watch;

/* In place of a cookie: events were lost, any file may have changed. */
#define WATCH_EVERYTHING UINT64_MAX

/* `who` is the writer's process id, 0 for unknown or the kernel; `comm` its name, "" when unknown or already gone. May call watch_add()
 * and watch_clear(), but not watch_free(). Whoever writes to the file in the callback
 * is called once more where writers are unknown. */
typedef void (*watch_callback)(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);

/* `root_path` names the directory that `root_fd` is open on; the descriptor stays the caller's and must outlive the watch. */
int watch_new(sd_event *event, int root_fd, const char *root_path, watch_callback callback, void *userdata, struct watch **ret);
struct watch *watch_free(struct watch *watch);

/* Watches a file until it vanishes or watch_clear(). A file may have several cookies. Adding the same path and cookie again is free when
 * the file is the same, and follows it when it was replaced (CPU offline and online). 0; -ENOENT; -ENOSPC when the kernel's limit
 * is reached (logged once); -EINVAL for WATCH_EVERYTHING; -ENOMEM. */
int watch_add(struct watch *watch, const char *path, uint64_t cookie);
/* Forgets everything, queued events included. */
void watch_clear(struct watch *watch);

/* For status: true while every watched file is watched with fanotify, that is, callbacks say who. */
bool watch_knows_writers(const struct watch *watch);
size_t watch_count(const struct watch *watch);
/* For tests: use inotify only. To be called before the first watch_add(). */
void watch_use_inotify(struct watch *watch);

#endif
