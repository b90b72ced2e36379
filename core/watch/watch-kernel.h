/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_KERNEL_H
#define CORE_WATCH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The two file notification interfaces of the kernel, fanotify and inotify, in a common form for core/watch/watch.c. Each is a
 * descriptor to which files are added, and from which buffers of events are read. Keys of both have 64 bits and share one table:
 * the top bit is set only in keys of fanotify.
 */

enum watch_kind {
        WATCH_CHANGED, /* the file with this key was written, or the kernel has reported a change of it */
        WATCH_GONE,    /* the kernel no longer watches the file with this key */
        WATCH_LOST,    /* events were lost: any file may have changed */
        WATCH_OTHER,   /* any other event; ignored */
};

struct watch_event {
        uint64_t key;
        pid_t pid; /* 0 if unknown */
        enum watch_kind kind;
};

/* fanotify identifies files by their handle, and reports the writing process. */
int watch_fanotify_open(void); /* returns a descriptor; -EPERM without CAP_SYS_ADMIN; -ENOSYS; -EINVAL before Linux 5.1 */
/* Returns 0 and sets *ret_key; -EOPNOTSUPP if the file system does not support this (sysfs before Linux 6.7): use inotify then;
 * -ENOENT, -ENOSPC or another negative errno. */
int watch_fanotify_add(int fd, int root_fd, const char *path, uint64_t *ret_key);
/* Parses the event at *offset in the buffer and advances *offset. Returns 1 and fills *ret; 0 at the end, or at a malformed
 * event. */
int watch_fanotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret);

/* inotify works on every file system, but does not report the writing process. Its functions return results and errors like those
 * of fanotify. */
static inline bool watch_key_is_inotify(uint64_t key) {
        return key >> 63 == 0;
}
int watch_inotify_open(void);
int watch_inotify_add(int fd, const char *root_path, const char *path, uint64_t *ret_key);
void watch_inotify_remove(int fd, uint64_t key);
int watch_inotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret);

#endif
