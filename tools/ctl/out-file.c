/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output files of commands. A path is resolved only once, and then its folder is accessed through a descriptor: between two
 * resolutions the owner of a folder could replace an entry by a symbolic link, so that a command run by root would write to the
 * target of the link. For the same reason, if the user is root, every folder and symbolic link of the path must belong to root, and
 * no other user may be able to replace an entry of root in these folders. For other users there is no such check, since they write
 * with their own privileges. */

#include "tools/ctl/out-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tools/common/xalloc.h"

#define TRIES 16

/* The kernel's limit on the number of symbolic links in one path. */
#define LINKS_MAX 40

const char *out_file_reason(const struct out_file *file, int r) {
        return file->reason[0] ? file->reason : strerror(-r);
}

static int deceptive(struct out_file *file, const char *name, const char *what) {
        (void) TEXT_FORMAT(file->reason,
                           "%.128s %s, who could redirect root to another file, or replace the file while root writes it.\n"
                           "Run this without root privileges, or choose a folder that only root can change",
                           name, what);
        return -EPERM;
}

/* A sticky folder is safe: in it, only the owner of an entry and the owner of the folder can change the entry. */
static int check_folder(struct out_file *file, const char *name) {
        struct stat st;

        if (fstat(file->folder, &st) < 0)
                return -errno;
        if (st.st_uid != 0)
                return deceptive(file, name, "belongs to another user");
        if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & S_ISVTX))
                return deceptive(file, name, "can be changed by other users");
        return 0;
}

static int enter_folder(struct out_file *file, int fd) {
        if (fd < 0)
                return -errno;
        out_file_done(file);
        file->folder = fd;
        return 0;
}

static int walk_path(struct out_file *file, char *path, unsigned *links);

static int follow_link(struct out_file *file, const char *name, int link, uid_t owner, unsigned *links) {
        char target[PATH_MAX];
        ssize_t n;

        if (owner != 0)
                return deceptive(file, name, "is a link of another user");
        if (++*links > LINKS_MAX)
                return -ELOOP;
        n = readlinkat(link, "", target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = '\0';
        return walk_path(file, target, links);
}

static int step(struct out_file *file, const char *name, unsigned *links) {
        _cleanup_close_ int fd = openat(file->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISLNK(st.st_mode))
                return follow_link(file, name, fd, st.st_uid, links);
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        return enter_folder(file, TAKE_FD(fd));
}

/* Resolves `path`, which is modified, relative to file->folder. Each folder is checked before a name in it is used. */
static int walk_path(struct out_file *file, char *path, unsigned *links) {
        const char *name = path[0] == '/' ? "/" : ".";
        int r = path[0] == '/' ? enter_folder(file, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;

        if (r >= 0)
                r = check_folder(file, name);
        while (r >= 0 && (name = strsep(&path, "/"))) {
                if (!name[0] || strcmp(name, ".") == 0)
                        continue;
                r = step(file, name, links);
                if (r >= 0)
                        r = check_folder(file, name);
        }
        return r;
}

/* The file is created under another name and then renamed, which would replace whatever has its name: as root also /dev/null, or the
 * link /dev/stdout. */
static int check_target(struct out_file *file) {
        static const struct {
                mode_t type;
                const char *text;
        } others[] = {
                { S_IFCHR, "a device" },        { S_IFBLK, "a device" },  { S_IFIFO, "a pipe" },
                { S_IFLNK, "a symbolic link" }, { S_IFSOCK, "a socket" },
        };
        struct stat st;

        if (fstatat(file->folder, file->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if ((st.st_mode & S_IFMT) == others[i].type) {
                        (void) TEXT_FORMAT(file->reason, "it is %s, and only a regular file is replaced", others[i].text);
                        return -EEXIST;
                }
        return S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

int out_file_open(struct out_file *file, const char *path) {
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *folder = must(slash ? strndup(path, (size_t) (slash - path) + 1) : strdup("."));
        unsigned links = 0;
        int r;

        file->name = slash ? slash + 1 : path;
        file->reason[0] = '\0';
        if (!file->name[0])
                return -EISDIR;
        r = enter_folder(file, open(geteuid() == 0 ? "." : folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (r >= 0 && geteuid() == 0)
                r = walk_path(file, folder, &links);
        return r < 0 ? r : check_target(file);
}

void out_file_done(struct out_file *file) {
        if (file->folder >= 0)
                (void) close(file->folder);
        file->folder = -1;
}

/* Creates a new, empty file with a random name. */
static int create_file(const struct out_file *file, char name[32]) {
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

static int fill_file(int fd, const void *data, size_t size, mode_t mode) {
        mode_t mask = umask(0);
        int r;

        (void) umask(mask);
        r = write_all(fd, data, size);
        return r < 0 ? r : fchmod(fd, mode & ~mask) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int out_file_write(const struct out_file *file, const void *data, size_t size, mode_t mode) {
        char name[32];
        _cleanup_close_ int fd = create_file(file, name);
        int r;

        if (fd < 0)
                return fd;
        r = fill_file(fd, data, size, mode);
        if (r >= 0 && renameat(file->folder, name, file->folder, file->name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(file->folder, name, 0);
        return r < 0 ? r : 0;
}
