/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_FILE_H
#define CORE_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Configuration files as bytes: opening, trust, size, names in a directory. */

/* Bytes of one file: CONFIG_LINES_MAX lines of 64. */
#define CONFIG_FILE_MAX (256 * 1024)
/* Drop-ins of one directory. */
#define CONFIG_FILES_MAX 64

/* Reads a file whole. *ret is malloc'ed, *ret_size its length. A symbolic link to /dev/null counts as empty. Negative errno: of
 * open or read; -EPERM: not trusted (not root's, or others may write); -EINVAL: not a plain file; -EFBIG. */
int config_file_read(const char *path, bool trust_any_owner, char **ret, size_t *ret_size);
/* Sentence for people about what config_file_read() and config_names() returned. */
const char *config_file_reason(int r);

/* Opens a directory whose content is trusted. A descriptor; -EPERM as above, or errno. */
int config_directory_open(const char *path, bool trust_any_owner);

struct config_names {
        char *names[CONFIG_FILES_MAX];
        size_t n;
};

/* Names "*.conf" in a directory, by byte value; none when there is no such directory. 0, -EPERM as above, -E2BIG: more than
 * CONFIG_FILES_MAX, or errno. `ret` is zeroed by the caller and given to config_names_free() in any case. */
int config_names(const char *directory, bool trust_any_owner, struct config_names *ret);
void config_names_free(struct config_names *names);
bool config_names_has(const struct config_names *names, const char *name);

#endif
