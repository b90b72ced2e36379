/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_KERNEL_H
#define CORE_WATCH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The two notification interfaces of the kernel, brought to one form for core/watch/watch. Each is a descriptor, to which files are added and
 * from which buffers of events are read. Keys of both are 64 bits and never meet in one table: fanotify's have the
 * top bit set.
 */

enum watch_kind {
        WATCH_CHANGED, /* the file with this key */
        WATCH_GONE,    /* the kernel dropped it */
        WATCH_LOST,    /* events were lost: any file may have changed */
        WATCH_OTHER,   /* nothing of interest */
};

struct watch_event {
        uint64_t key;
        pid_t pid; /* 0 unknown */
        enum watch_kind kind;
};

/* fanotify names files by their handle, and says who. */
int watch_fanotify_open(void); /* descriptor; -EPERM without CAP_SYS_ADMIN, -ENOSYS, -EINVAL before Linux 5.1 */
/* 0 and *ret_key; -ENOENT, -ENOSPC; -EOPNOTSUPP when this file system can't tell (sysfs before Linux 6.7 or so): take inotify. */
int watch_fanotify_add(int fd, int root_fd, const char *path, uint64_t *ret_key);
/* Takes one event from the buffer at *offset, which moves on. 1 and *ret, 0 at the end (or at something malformed). */
int watch_fanotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret);

/* inotify knows every file system, but not who. */
static inline bool watch_key_is_inotify(uint64_t key) {
        return key >> 63 == 0;
}
int watch_inotify_open(void);
int watch_inotify_add(int fd, const char *root_path, const char *path, uint64_t *ret_key);
void watch_inotify_remove(int fd, uint64_t key);
int watch_inotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret);

#endif
