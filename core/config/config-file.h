/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_FILE_H
#define CORE_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Opens and reads configuration files, checks owner, mode and size, and lists the files of a directory. */

/* A file must have fewer bytes than this: CONFIG_LINES_MAX lines of 64 bytes. */
#define CONFIG_FILE_MAX (256 * 1024)
/* Maximum number of drop-ins in one directory. */
#define CONFIG_FILES_MAX 64

/* Reads a whole file. *ret is malloc'ed, *ret_size is its length in bytes. A symbolic link to /dev/null counts as empty. Returns 0;
 * -EPERM if the file is not trusted (not owned by root, or writable by its group or others) and `trust_any_owner` is not set;
 * -EINVAL if it is not a regular file; -EFBIG if it is too large, or grows while it is read; or another negative errno. */
int config_file_read(const char *path, bool trust_any_owner, char **ret, size_t *ret_size);
/* Returns a description, for messages, of an error of config_file_read() or config_names(). */
const char *config_file_reason(int r);

/* Opens a directory and checks that it is trusted. Returns a descriptor; -EPERM as above, or another negative errno. */
int config_directory_open(const char *path, bool trust_any_owner);

struct config_names {
        char *names[CONFIG_FILES_MAX];
        size_t n;
};

/* Lists the names "*.conf" in a directory, except those that begin with a dot, sorted by byte value; the list is empty if the
 * directory does not exist. Returns 0, -EPERM as above, -E2BIG for more than CONFIG_FILES_MAX, or another negative errno. The
 * caller must zero *ret before the call, and call config_names_free() also after an error. */
int config_names(const char *directory, bool trust_any_owner, struct config_names *ret);
void config_names_free(struct config_names *names);
bool config_names_has(const struct config_names *names, const char *name);

#endif
