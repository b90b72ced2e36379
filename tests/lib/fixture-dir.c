/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of the .tree format that writes to the file system.
 */
#include "fixture-dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIR         (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define REMOVE_DEPTH_MAX 64u

int fix_dir_open(struct fix_dir *d, const char *dir) {
        d->depth = 0;
        if (mkdir(dir, 0755) < 0 && errno != EEXIST)
                return -errno;
        d->root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return d->root < 0 ? -errno : 0;
}

/* Closes all directories below level keep. */
static void trim(struct fix_dir *d, size_t keep) {
        while (d->depth > keep)
                (void) close(d->level[--d->depth].fd);
}

void fix_dir_close(struct fix_dir *d) {
        trim(d, 0);
        if (d->root >= 0)
                (void) close(d->root);
        d->root = -1;
}

static bool component_ok(const char *s, size_t len) {
        if (len == 0 || len > FIX_NAME_MAX)
                return false;
        return !(s[0] == '.' && (len == 1 || (len == 2 && s[1] == '.')));
}

int fix_path_check(const char *path) {
        size_t depth = 0;

        for (const char *s = path;; depth++) {
                size_t len = strcspn(s, "/");

                if (!component_ok(s, len) || depth == FIX_DEPTH_MAX)
                        return -EINVAL;
                if (s[len] == '\0')
                        return 0;
                s += len + 1;
        }
}

static int top(const struct fix_dir *d) {
        return d->depth ? d->level[d->depth - 1].fd : d->root;
}

/* Opens a directory below the current one; creates it if necessary. */
static int descend(struct fix_dir *d, const char *name, size_t len) {
        int fd;

        memcpy(d->level[d->depth].name, name, len);
        d->level[d->depth].name[len] = '\0';
        fd = openat(top(d), d->level[d->depth].name, OPEN_DIR);
        if (fd < 0 && errno == ENOENT) {
                if (mkdirat(top(d), d->level[d->depth].name, 0755) < 0)
                        return -errno;
                fd = openat(top(d), d->level[d->depth].name, OPEN_DIR);
        }
        if (fd < 0)
                return -errno;
        d->level[d->depth++].fd = fd;
        return 0;
}

/* Enters the directory that contains path; *ret_name is the last component. */
static int enter_parent(struct fix_dir *d, const char *path, const char **ret_name) {
        size_t level = 0, len;
        int r;

        for (; path[len = strcspn(path, "/")] == '/'; path += len + 1, level++) {
                if (level < d->depth && strlen(d->level[level].name) == len && memcmp(d->level[level].name, path, len) == 0)
                        continue;
                trim(d, level);
                r = descend(d, path, len);
                if (r < 0)
                        return r;
        }
        trim(d, level);
        *ret_name = path;
        return top(d);
}

/* Removes an existing file or link of this name, or an empty directory. */
static int make_room(int parent, const char *name) {
        if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
                return 0;
        if ((errno == EISDIR || errno == EPERM) && unlinkat(parent, name, AT_REMOVEDIR) == 0)
                return 0;
        return -errno;
}

static int write_all(int fd, const char *data, size_t len) {
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                len -= (size_t) n;
        }
        return 0;
}

/* Writes the contents and closes fd. The mode is set here and not by open(), so that it does not depend on the umask. */
static int finish_file(int fd, const char *data, size_t len, mode_t mode) {
        int r = write_all(fd, data, len);

        if (r == 0 && fchmod(fd, mode) < 0)
                r = -errno;
        (void) close(fd);
        return r;
}

static int open_append(int parent, const char *name) {
        int fd = openat(parent, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : fd;
}

/* The file may be read-only, so that users other than root could not open it for writing. */
static int make_writable(int parent, const char *name) {
        struct stat st;

        if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EACCES;
        return fchmodat(parent, name, 0600, 0) < 0 ? -errno : 0;
}

int fix_dir_append(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode) {
        const char *name;
        int parent, fd;

        parent = enter_parent(d, path, &name);
        if (parent < 0)
                return parent;
        fd = open_append(parent, name);
        if (fd == -EACCES && make_writable(parent, name) == 0)
                fd = open_append(parent, name);
        return fd < 0 ? fd : finish_file(fd, data, len, mode);
}

int fix_dir_file(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode) {
        const char *name;
        int parent, fd, r;

        parent = enter_parent(d, path, &name);
        if (parent < 0)
                return parent;
        fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST) {
                r = make_room(parent, name);
                if (r < 0)
                        return r;
                fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        }
        if (fd < 0)
                return -errno;
        return finish_file(fd, data, len, mode);
}

int fix_dir_link(struct fix_dir *d, const char *path, const char *target) {
        const char *name;
        int parent, r;

        parent = enter_parent(d, path, &name);
        if (parent < 0)
                return parent;
        r = make_room(parent, name);
        if (r < 0)
                return r;
        return symlinkat(target, parent, name) < 0 ? -errno : 0;
}

int fix_dir_mkdir(struct fix_dir *d, const char *path, mode_t mode) {
        const char *name;
        int parent, r;

        parent = enter_parent(d, path, &name);
        if (parent < 0)
                return parent;
        r = descend(d, name, strlen(name));
        if (r < 0)
                return r;
        return fchmod(top(d), mode) < 0 ? -errno : 0;
}

int fix_dir_remove(struct fix_dir *d, const char *path) {
        const char *name;
        int parent;

        parent = enter_parent(d, path, &name);
        return parent < 0 ? parent : fix_remove_at(parent, name);
}

static int remove_depth(int parent, const char *name, unsigned depth);

static int remove_entries(DIR *dir, unsigned depth) {
        struct dirent *e;
        int r;

        while ((errno = 0, e = readdir(dir))) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                r = remove_depth(dirfd(dir), e->d_name, depth + 1);
                if (r < 0)
                        return r;
        }
        return -errno;
}

static int remove_depth(int parent, const char *name, unsigned depth) {
        DIR *dir;
        int fd, r;

        if (depth > REMOVE_DEPTH_MAX)
                return -ELOOP;
        if (unlinkat(parent, name, 0) == 0)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        fd = openat(parent, name, OPEN_DIR);
        if (fd < 0)
                return -errno;
        (void) fchmod(fd, 0700); /* a tree may have read-only directories */
        dir = fdopendir(fd);
        if (!dir) {
                r = -errno;
                (void) close(fd);
                return r;
        }
        r = remove_entries(dir, depth);
        (void) closedir(dir);
        if (r < 0)
                return r;
        return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int fix_remove_at(int parent, const char *name) {
        return remove_depth(parent, name, 0);
}
