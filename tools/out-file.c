/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that commands write. Everything is done to descriptors, never to a path twice: between two uses of a path its owner may have put
 * a link there, and a command that root runs would then change what the link names. */

#include "tools/out-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tools/xalloc.h"

#define TRIES 16

const char *out_file_reason(int r) {
        if (r != OUT_FILE_FOREIGN)
                return strerror(-r);
        return "the folder belongs to another user, who could replace the file while root writes it. Run this as that user (it needs no\n"
               "root), or choose a folder of root's";
}

int out_file_open(struct out_file *file, const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *folder = slash ? strndup(path, (size_t) (slash - path) + 1) : xstrdup(".");
        _cleanup_close_ int fd = -1;
        struct stat st;

        file->name = slash ? slash + 1 : path;
        if (!file->name[0])
                return -EISDIR;
        fd = open(must(folder), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (geteuid() == 0 && st.st_uid != 0)
                return OUT_FILE_FOREIGN;
        file->folder = TAKE_FD(fd);
        return 0;
}

void out_file_done(struct out_file *file) {
        if (file->folder >= 0)
                (void) close(file->folder);
        file->folder = -1;
}

/* A new, empty file of a name that nobody else knows. */
static int create(const struct out_file *file, char name[32]) {
        for (int i = 0; i < TRIES; i++) {
                uint64_t number;
                int fd;

                if (getrandom(&number, sizeof(number), 0) != (ssize_t) sizeof(number))
                        return -EIO;
                (void) snprintf(name, 32, ".governorctl-%016" PRIx64, number);
                fd = openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
                if (fd >= 0 || errno != EEXIST)
                        return fd < 0 ? -errno : fd;
        }
        return -EEXIST;
}

static int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

static int fill(int fd, const void *data, size_t size, mode_t mode) {
        mode_t mask = umask(0);
        int r;

        (void) umask(mask);
        r = write_all(fd, data, size);
        return r < 0 ? r : fchmod(fd, mode & ~mask) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int out_file_write(const struct out_file *file, const void *data, size_t size, mode_t mode) {
        char name[32];
        _cleanup_close_ int fd = create(file, name);
        int r;

        if (fd < 0)
                return fd;
        r = fill(fd, data, size, mode);
        if (r >= 0 && renameat(file->folder, name, file->folder, file->name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(file->folder, name, 0);
        return r < 0 ? r : 0;
}
