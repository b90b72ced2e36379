/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Attribute files: one short text each, below a root directory (sysfs, procfs, or a simulated machine). All paths are relative
 * to `root_fd`; absolute ones and ".." are refused with -EINVAL.
 */

/* Opens for reading and writing, or for reading only where the file's mode says so (then *ret_writable, if not NULL, is
 * false). Returns a descriptor (O_CLOEXEC), or negative errno. */
int attr_open(int root_fd, const char *path, bool *ret_writable);
/* Reads an open attribute from its beginning. Trailing newlines and blanks are cut. Returns the length, -E2BIG when
 * it does not fit, -EIO for an embedded NUL, or negative errno. *ret is NUL-terminated on success only. */
int attr_read_fd(int fd, char *ret, size_t size);
/* The same; *ret_bytes is what the file held, newlines included. */
int attr_read_fd_bytes(int fd, char *ret, size_t size, size_t *ret_bytes);
/* Writes `value` in one write(2). With `plain` the file is not a kernel attribute but an ordinary file, which is truncated so
 * that nothing of a longer old value stays. 0 or negative errno; a short write is -EIO. */
int attr_write_fd(int fd, const char *value, bool plain);
/* For an ordinary file of a simulated machine: the value and then newlines up to `bytes`, which cover a longer old value. Truncating would
 * do the same, but on tmpfs it costs more than everything else, and kernel attributes, whose size never changes, know no such cost. */
int attr_write_fd_filled(int fd, const char *value, size_t bytes);

/* The same by path, opened and closed. */
int attr_read(int root_fd, const char *path, char *ret, size_t size);
int attr_read_i64(int root_fd, const char *path, int64_t *ret);
/* For lists, masks and tables, whose length depends on the machine: *ret is allocated, up to ATTR_LIST_MAX bytes. -E2BIG is also what a
 * text gets that the kernel has cut: most attributes hold one page, and a longer list ends there, in the middle of a number. */
int attr_read_list(int root_fd, const char *path, char **ret);
#define ATTR_LIST_MAX (256u * 1024)
int attr_write(int root_fd, const char *path, const char *value, bool plain);
bool attr_exists(int root_fd, const char *path);

/* Calls `each` with the name of every entry of a directory that starts with `prefix` ("" for all), "." and ".." left out, in
 * natural order (policy2 before policy10). A negative return of `each` ends the walk and is returned.
 * Negative errno when the directory can't be read: -ENOENT when it does not exist. */
int attr_walk(int root_fd, const char *dir, const char *prefix, int (*each)(const char *name, void *userdata), void *userdata);
/* The number behind a prefix: "policy12" with "policy" is 12. 0, -EINVAL or -ERANGE. */
int attr_suffix(const char *name, const char *prefix, uint32_t *ret);

#endif
