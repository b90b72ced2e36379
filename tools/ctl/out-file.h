/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_OUT_FILE_H
#define TOOLS_OUT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* An output file whose path the user has given. */
struct out_file {
        const char *name; /* within the folder; points into the path */
        int folder;       /* a descriptor; -1: not open */
        char reason[512]; /* why it could not be opened, if the errno alone does not show it; otherwise "" */
};

#define OUT_FILE_INIT \
        { .folder = -1 }

/* Returns a description of the error `r` of out_file_open() or out_file_write(). */
const char *out_file_reason(const struct out_file *file, int r);

/* Opens the folder of `path`. Returns 0 or a negative errno; -EPERM if the caller is root, and another user could replace a folder or
 * symbolic link of the path; -EISDIR or -EEXIST if the path exists and is not a regular file. */
int out_file_open(struct out_file *file, const char *path);
/* Writes the file under a temporary name, then renames it, which replaces an existing file. The umask applies to `mode`. Returns 0 or
 * a negative errno; on failure an existing file is unchanged. */
int out_file_write(const struct out_file *file, const void *data, size_t size, mode_t mode);
void out_file_done(struct out_file *file);

#endif
