/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Attribute files, with one short text each, below a root directory (sysfs, procfs, or a simulated machine). All paths are relative
 * to `root_fd`; absolute paths and ".." are rejected with -EINVAL.
 */

/* Opens a file for reading and writing, or for reading only if the file's mode does not permit writing (then *ret_writable, if not
 * NULL, is false). Returns a descriptor (O_CLOEXEC), or negative errno. */
int attr_open(int root_fd, const char *path, bool *ret_writable);
/* Reads an open attribute from its beginning and removes trailing newlines and blanks. Returns the length, -E2BIG if it does not
 * fit, -EIO for an embedded NUL, or negative errno. *ret is NUL-terminated on success only. */
int attr_read_fd(int fd, char *ret, size_t size);
/* The same; *ret_bytes is the number of bytes in the file, newlines included. */
int attr_read_fd_bytes(int fd, char *ret, size_t size, size_t *ret_bytes);
/* Writes `value` in one write(2). With `plain` the file is not a kernel attribute but an ordinary file, which is truncated so that
 * nothing of a longer old value remains. 0 or negative errno; a short write is -EIO. */
int attr_write_fd(int fd, const char *value, bool plain);
/* For an ordinary file of a simulated machine: writes the value and then newlines up to `bytes`, which cover a longer old value.
 * Truncation would have the same effect, but on tmpfs it takes longer than all the rest together, and kernel attributes, whose size
 * never changes, have no such cost. */
int attr_write_fd_filled(int fd, const char *value, size_t bytes);

/* The same by path: opens and closes the file. */
int attr_read(int root_fd, const char *path, char *ret, size_t size);
int attr_read_i64(int root_fd, const char *path, int64_t *ret);
/* For lists, masks and tables, whose length depends on the machine: *ret is allocated, up to ATTR_LIST_MAX bytes. -E2BIG is also
 * returned for a text that the kernel has truncated: most attributes are limited to one page, and a longer list ends there, in the
 * middle of a number. */
int attr_read_list(int root_fd, const char *path, char **ret);
#define ATTR_LIST_MAX (256u * 1024)
int attr_write(int root_fd, const char *path, const char *value, bool plain);
bool attr_exists(int root_fd, const char *path);

/* Calls `each` with the name of every entry of a directory that starts with `prefix` ("" for all), except "." and "..", in natural
 * order (policy2 before policy10). A negative return value of `each` ends the walk and is returned. Negative errno if the directory
 * cannot be read: -ENOENT if it does not exist. */
int attr_walk(int root_fd, const char *dir, const char *prefix, int (*each)(const char *name, void *userdata), void *userdata);
/* Parses the number behind a prefix: 12 for "policy12" with the prefix "policy". 0, -EINVAL or -ERANGE. */
int attr_suffix(const char *name, const char *prefix, uint32_t *ret);

#endif
