/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and writes attribute files below a root directory. Almost all other files use these functions to access /sys and /proc. A
 * path cannot lead outside the root by "..". A value is written in a single write(2), because the kernel treats each write(2) as a
 * complete value. */

#include "base/attr.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"

/* An int64 with sign, newline and NUL. */
#define NUMBER_MAX 24
/* Maximum size of a file that attr_write_fd_filled() pads with newlines. A longer one is truncated after the write. */
#define FILLED_MAX 256
/* The smallest page size: the kernel truncates an attribute at the end of a page. */
#define PAGE 4096

static bool path_is_safe(const char *path) {
        if (path[0] == '/' || path[0] == '\0')
                return false;
        for (const char *p = path; (p = strstr(p, "..")); p += 2)
                if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
                        return false;
        return true;
}

/* Root can open any file of a simulated machine for writing, so the mode bits are checked here. sysfs checks them itself. */
static bool mode_is_read_only(int root_fd, const char *path) {
        struct stat st;

        return fstatat(root_fd, path, &st, 0) == 0 && (st.st_mode & 0222) == 0;
}

int attr_open(int root_fd, const char *path, bool *ret_writable) {
        bool writable = true;
        int fd = -1;

        if (!path_is_safe(path))
                return -EINVAL;
        if (!mode_is_read_only(root_fd, path))
                fd = openat(root_fd, path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0) {
                writable = false;
                fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        }
        if (fd < 0)
                return -errno;
        if (ret_writable)
                *ret_writable = writable;
        return fd;
}

int attr_read_fd(int fd, char *ret, size_t size) {
        size_t bytes;

        return attr_read_fd_bytes(fd, ret, size, &bytes);
}

/* `text` must have room for a NUL after `length` bytes. */
static int finish(char *text, size_t length) {
        while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
                length--;
        if (memchr(text, '\0', length))
                return -EIO;
        text[length] = '\0';
        return (int) length;
}

int attr_read_fd_bytes(int fd, char *ret, size_t size, size_t *ret_bytes) {
        ssize_t n = pread(fd, ret, size, 0);
        size_t length;

        if (n < 0)
                return -errno;
        *ret_bytes = length = (size_t) n;
        if (length == size) /* no room for the NUL, and the text may be longer */
                return -E2BIG;
        return finish(ret, length);
}

/* Truncating an ordinary file after the write is twice as fast as before the write, since its page is kept. */
static int cut_longer(int fd, size_t length) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        return st.st_size > (off_t) length && ftruncate(fd, (off_t) length) < 0 ? -errno : 0;
}

static int write_once(int fd, const char *text, size_t length) {
        ssize_t n = pwrite(fd, text, length, 0);

        if (n < 0)
                return -errno;
        return (size_t) n == length ? 0 : -EIO;
}

int attr_write_fd(int fd, const char *value, bool plain) {
        size_t length = strlen(value);
        int r = write_once(fd, value, length);

        return r < 0 || !plain ? r : cut_longer(fd, length);
}

int attr_write_fd_filled(int fd, const char *value, size_t bytes) {
        size_t length = strlen(value);
        char text[FILLED_MAX];

        if (length >= sizeof(text) || bytes > sizeof(text))
                return attr_write_fd(fd, value, true);
        memcpy(text, value, length);
        bytes = MAX(bytes, length + 1);
        memset(text + length, '\n', bytes - length);
        return write_once(fd, text, bytes);
}

int attr_read(int root_fd, const char *path, char *ret, size_t size) {
        _cleanup_close_ int fd = -1;

        if (!path_is_safe(path))
                return -EINVAL;
        fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return fd < 0 ? -errno : attr_read_fd(fd, ret, size);
}

/* One read(2) of a kernel attribute returns at most one page. Returns the length; -E2BIG if the file has ATTR_LIST_MAX bytes or
 * more; or another negative errno. */
static int read_whole(int fd, char **text) {
        size_t length = 0, room = PAGE;
        ssize_t n = 1;

        for (; n > 0; room *= 2) {
                char *more = room > ATTR_LIST_MAX ? NULL : realloc(*text, room);

                if (!more)
                        return room > ATTR_LIST_MAX ? -E2BIG : -ENOMEM;
                *text = more;
                while (length < room && (n = pread(fd, *text + length, room - length, (off_t) length)) > 0)
                        length += (size_t) n;
        }
        return n < 0 ? -errno : (int) length;
}

static bool kernel_cut(const char *text, size_t length) {
        return length > 0 && (length + 1) % PAGE == 0 && text[length - 1] != '\n';
}

int attr_read_list(int root_fd, const char *path, char **ret) {
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -1;
        int length;

        if (!path_is_safe(path))
                return -EINVAL;
        fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        length = read_whole(fd, &text);
        if (length < 0)
                return length;
        if (kernel_cut(text, (size_t) length))
                return -E2BIG;
        length = finish(text, (size_t) length);
        if (length >= 0)
                *ret = TAKE_PTR(text);
        return length;
}

int attr_read_i64(int root_fd, const char *path, int64_t *ret) {
        char text[NUMBER_MAX];
        int r = attr_read(root_fd, path, text, sizeof(text));

        return r < 0 ? r : parse_i64(text, ret);
}

int attr_write(int root_fd, const char *path, const char *value, bool plain) {
        _cleanup_close_ int fd = -1;

        if (!path_is_safe(path))
                return -EINVAL;
        fd = openat(root_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return fd < 0 ? -errno : attr_write_fd(fd, value, plain);
}

bool attr_exists(int root_fd, const char *path) {
        return path_is_safe(path) && faccessat(root_fd, path, F_OK, 0) == 0;
}

static DIR *open_directory(int root_fd, const char *path) {
        int fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir)
                (void) close_fd(fd);
        return dir;
}

static int by_version(const void *a, const void *b) {
        return strverscmp(*(char *const *) a, *(char *const *) b);
}

struct names {
        char **items;
        size_t n, room;
};

static void names_free(struct names *names) {
        for (size_t i = 0; i < names->n; i++)
                free(names->items[i]);
        free(names->items);
}

static int names_add(struct names *names, const char *name) {
        if (names->n == names->room) {
                size_t room = names->room ? names->room * 2 : 16;
                char **items = reallocarray(names->items, room, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                names->items = items;
                names->room = room;
        }
        names->items[names->n] = strdup(name);
        if (!names->items[names->n])
                return -ENOMEM;
        names->n++;
        return 0;
}

static int names_collect(struct names *names, int root_fd, const char *path, const char *prefix) {
        _cleanup_closedir_ DIR *dir = open_directory(root_fd, path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                    strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
                        r = names_add(names, entry->d_name);
        return r < 0 ? r : -errno;
}

int attr_walk(int root_fd, const char *dir, const char *prefix, int (*each)(const char *name, void *userdata), void *userdata) {
        _cleanup_(names_free) struct names names = {};
        int r;

        if (!path_is_safe(dir))
                return -EINVAL;
        r = names_collect(&names, root_fd, dir, prefix);
        if (r < 0)
                return r;
        if (names.n > 0)
                qsort(names.items, names.n, sizeof(*names.items), by_version);
        for (size_t i = 0; i < names.n; i++) {
                r = each(names.items[i], userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}

int attr_suffix(const char *name, const char *prefix, uint32_t *ret) {
        size_t length = strlen(prefix);

        return strncmp(name, prefix, length) == 0 ? parse_u32(name + length, ret) : -EINVAL;
}
