/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads configuration files. Write access to them permits changes of hardware settings, so a file or directory is rejected if root
 * does not own it, or if its group or others may write it. This is checked on the opened descriptor, so that the file cannot be
 * replaced after the check. */

#include "core/config/config-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"

static int check_trust(const struct stat *st, bool trust_any_owner) {
        return trust_any_owner || (st->st_uid == 0 && (st->st_mode & 0022) == 0) ? 0 : -EPERM;
}

static bool is_null_device(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static int read_all(int fd, char *ret, size_t size, size_t *ret_size) {
        size_t length = 0;
        ssize_t n;

        do {
                n = read(fd, ret + length, size - length);
                if (n < 0)
                        return -errno;
                length += (size_t) n;
        } while (n > 0 && length < size);
        *ret_size = length;
        return length < size ? 0 : -EFBIG; /* no room left, so the file may be longer */
}

/* Opens and checks a file. Returns the descriptor; *ret_room is the size of its content plus one byte. */
static int open_checked(const char *path, bool trust_any_owner, size_t *ret_room) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        *ret_room = 1;
        if (is_null_device(&st))
                return TAKE_FD(fd);
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        r = check_trust(&st, trust_any_owner);
        if (r < 0)
                return r;
        if (st.st_size >= CONFIG_FILE_MAX)
                return -EFBIG;
        *ret_room = (size_t) st.st_size + 1;
        return TAKE_FD(fd);
}

int config_file_read(const char *path, bool trust_any_owner, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        size_t room, size = 0;
        int r;

        fd = open_checked(path, trust_any_owner, &room);
        if (fd < 0)
                return fd;
        text = malloc(room);
        if (!text)
                return -ENOMEM;
        r = read_all(fd, text, room, &size);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        *ret_size = size;
        return 0;
}

const char *config_file_reason(int r) {
        switch (-r) {
        case EPERM:
                return "it is not trusted: it must belong to root, and only root may write it";
        case EINVAL:
                return "it is not a regular file";
        case EFBIG:
                return "the file is too large (the limit is 256 KiB), or grew while it was read";
        case E2BIG:
                return "the directory contains more than 64 *.conf files";
        default:
                return strerror(-r);
        }
}

static int is_dropin(const struct dirent *entry) {
        size_t length = strlen(entry->d_name);

        return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

/* Not alphasort(): the order must not depend on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

int config_directory_open(const char *path, bool trust_any_owner) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat st;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        r = check_trust(&st, trust_any_owner);
        return r < 0 ? r : TAKE_FD(fd);
}

int config_names(const char *directory, bool trust_any_owner, struct config_names *ret) {
        _cleanup_close_ int fd = config_directory_open(directory, trust_any_owner);
        struct dirent **entries;
        int n, r = 0;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        n = scandirat(fd, ".", &entries, is_dropin, by_name);
        if (n < 0)
                return -errno;
        for (int i = 0; i < n; i++) {
                if (ret->n == CONFIG_FILES_MAX)
                        r = -E2BIG;
                else if ((ret->names[ret->n] = strdup(entries[i]->d_name)))
                        ret->n++;
                else
                        r = -ENOMEM;
                free(entries[i]);
        }
        free(entries);
        return r;
}

void config_names_free(struct config_names *names) {
        for (size_t i = 0; i < names->n; i++)
                free(names->names[i]);
        names->n = 0;
}

bool config_names_has(const struct config_names *names, const char *name) {
        for (size_t i = 0; i < names->n; i++)
                if (strcmp(names->names[i], name) == 0)
                        return true;
        return false;
}
