/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Attribute files, each of which contains one short text, below a root directory (sysfs, procfs, or a simulated machine). All paths
 * are relative to `root_fd`; absolute paths and ".." are rejected with -EINVAL.
 */

/* Opens a file for reading and writing, or, if it cannot be written, only for reading. Sets *ret_writable accordingly, unless it is
 * NULL. Returns a descriptor (O_CLOEXEC) or a negative errno. */
int attr_open(int root_fd, const char *path, bool *ret_writable);
/* Reads an open attribute from its beginning and removes trailing newlines and blanks. Returns the length, -E2BIG if the text does
 * not fit, -EIO for an embedded NUL, or another negative errno. *ret is NUL-terminated only on success. */
int attr_read_fd(int fd, char *ret, size_t size);
/* Like attr_read_fd(). *ret_bytes is the number of bytes that were read, including trailing newlines; it is not set if reading
 * fails. */
int attr_read_fd_bytes(int fd, char *ret, size_t size, size_t *ret_bytes);
/* Writes `value` in one write(2). If `plain` is set, the file is an ordinary file instead of a kernel attribute, and is truncated
 * so that no part of a longer old value remains. Returns 0, -EIO for a short write, or another negative errno. */
int attr_write_fd(int fd, const char *value, bool plain);
/* For an ordinary file of a simulated machine: writes the value, and then at least one newline, up to `bytes`, so that a longer old
 * value is overwritten. Truncation would have the same effect, but on tmpfs it takes longer than the rest of a write, a cost that
 * kernel attributes do not have; it is used only for more than 256 bytes. */
int attr_write_fd_filled(int fd, const char *value, size_t bytes);

/* Like the functions above, but open and close the file themselves. attr_read_i64() converts the text with parse_i64(). */
int attr_read(int root_fd, const char *path, char *ret, size_t size);
int attr_read_i64(int root_fd, const char *path, int64_t *ret);
/* For lists, masks and tables, whose length depends on the machine. *ret is malloc'ed. A file of ATTR_LIST_MAX bytes or more is an
 * error (-E2BIG), and so is a text that the kernel has truncated: most attributes are limited to one page, and a longer list ends
 * there, possibly within a number. */
int attr_read_list(int root_fd, const char *path, char **ret);
#define ATTR_LIST_MAX (256u * 1024)
int attr_write(int root_fd, const char *path, const char *value, bool plain);
bool attr_exists(int root_fd, const char *path);

/* Calls `each` with the name of every entry of a directory that starts with `prefix` ("" for all), except "." and "..", in natural
 * order (policy2 before policy10). If `each` returns a negative value, the walk ends and returns this value. Otherwise returns 0 or
 * a negative errno, such as -ENOENT if the directory does not exist. */
int attr_walk(int root_fd, const char *dir, const char *prefix, int (*each)(const char *name, void *userdata), void *userdata);
/* Parses the number after a prefix: 12 for "policy12" with the prefix "policy". Returns 0, -EINVAL or -ERANGE. */
int attr_suffix(const char *name, const char *prefix, uint32_t *ret);

#endif
