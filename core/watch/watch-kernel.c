/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fanotify and inotify in a common form, without state; core/watch/watch.c decides which of them to use. Only "modified" events are
 * requested, never "closed after writing". A "modified" event follows each write(2). A "closed" event also follows when a program,
 * including this one, merely closes a descriptor that was opened for writing: a program that opens the file for writing in order to
 * read it would wake itself forever. Directories are not watched either, since a change that the kernel reports (sysfs_notify) may
 * cause no event for the directory. */

#include "core/watch/watch-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"
#include "core/watch/watch-table.h"

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID AT_REMOVEDIR /* Linux 6.5: a handle that identifies a file but cannot be used to open it */
#endif

#define FANOTIFY_FLAGS (FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS)

int watch_fanotify_open(void) {
        int fd = fanotify_init(FANOTIFY_FLAGS, O_RDONLY | O_LARGEFILE);

        return fd < 0 ? -errno : fd;
}

/* The top bit distinguishes the key from those of inotify. If two files have the same hash, this only causes unnecessary
 * callbacks. */
static uint64_t handle_key(const void *data, size_t size, int type) {
        return hash64(data, size, (uint64_t) (uint32_t) type) | UINT64_C(1) << 63;
}

static int file_key(int root_fd, const char *path, uint64_t *ret) {
        union {
                struct file_handle handle;
                char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
        } u = { .handle.handle_bytes = MAX_HANDLE_SZ };
        int mount_id;

        if (name_to_handle_at(root_fd, path, &u.handle, &mount_id, AT_HANDLE_FID | AT_SYMLINK_FOLLOW) < 0) {
                u.handle.handle_bytes = MAX_HANDLE_SZ;
                if (errno != EINVAL || name_to_handle_at(root_fd, path, &u.handle, &mount_id, AT_SYMLINK_FOLLOW) < 0)
                        return -errno;
        }
        *ret = handle_key(u.handle.f_handle, u.handle.handle_bytes, u.handle.handle_type);
        return 0;
}

int watch_fanotify_add(int fd, int root_fd, const char *path, uint64_t *ret_key) {
        int r = 0;

        if (fanotify_mark(fd, FAN_MARK_ADD, FAN_MODIFY, root_fd, path) < 0)
                r = -errno;
        if (r >= 0) /* if the file is replaced between the two calls, events of the marked file have an unknown key and are
                       dropped */
                r = file_key(root_fd, path, ret_key);
        switch (r) {
        case -ENODEV: /* no fsid */
        case -EXDEV:  /* a subvolume with another fsid */
        case -EINVAL:
        case -EOVERFLOW:
                return -EOPNOTSUPP;
        default:
                return r;
        }
}

/* `info` is the variable part of an event. Returns 0 if it contains no file handle. */
static uint64_t event_key(const char *info, size_t size) {
        const struct fanotify_event_info_fid *fid = (const void *) info;
        const struct file_handle *handle = (const void *) fid->handle;

        if (size < sizeof(*fid) + sizeof(*handle) || fid->hdr.info_type != FAN_EVENT_INFO_TYPE_FID ||
            handle->handle_bytes > size - sizeof(*fid) - sizeof(*handle))
                return 0;
        return handle_key(handle->f_handle, handle->handle_bytes, handle->handle_type);
}

int watch_fanotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret) {
        const char *start = (const char *) buffer + *offset;
        struct fanotify_event_metadata event;

        if (size - *offset < sizeof(event))
                return 0;
        memcpy(&event, start, sizeof(event)); /* events are aligned to only four bytes */
        if (event.vers != FANOTIFY_METADATA_VERSION || event.event_len < sizeof(event) || event.event_len > size - *offset)
                return 0;
        *offset += event.event_len;
        (void) close_fd(event.fd); /* is FAN_NOFD for events with handles */
        *ret = (struct watch_event){ .pid = event.pid, .kind = WATCH_OTHER };
        if (event.mask & FAN_Q_OVERFLOW)
                ret->kind = WATCH_LOST;
        else if (event.mask & FAN_MODIFY) {
                ret->kind = WATCH_CHANGED;
                ret->key = event_key(start + sizeof(event), event.event_len - sizeof(event));
        }
        return 1;
}

int watch_inotify_open(void) {
        int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

        return fd < 0 ? -errno : fd;
}

int watch_inotify_add(int fd, const char *root_path, const char *path, uint64_t *ret_key) {
        char full[PATH_MAX];
        int r = TEXT_FORMAT(full, "%s/%s", root_path, path);

        if (r < 0)
                return -ENAMETOOLONG;
        r = inotify_add_watch(fd, full, IN_MODIFY);
        if (r < 0)
                return -errno;
        *ret_key = (uint64_t) r;
        return 0;
}

void watch_inotify_remove(int fd, uint64_t key) {
        (void) inotify_rm_watch(fd, (int) key);
}

int watch_inotify_next(const void *buffer, size_t size, size_t *offset, struct watch_event *ret) {
        const struct inotify_event *event = (const void *) ((const char *) buffer + *offset);

        if (size - *offset < sizeof(*event) || size - *offset - sizeof(*event) < event->len)
                return 0;
        *offset += sizeof(*event) + event->len;
        *ret = (struct watch_event){ .key = (uint64_t) (uint32_t) event->wd, .kind = WATCH_OTHER };
        if (event->mask & IN_Q_OVERFLOW)
                ret->kind = WATCH_LOST;
        else if (event->mask & IN_IGNORED)
                ret->kind = WATCH_GONE;
        else if (event->mask & IN_MODIFY)
                ret->kind = WATCH_CHANGED;
        return 1;
}
