/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_OUT_FILE_H
#define TOOLS_OUT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* A file that a command writes, under a name given by the user. */
struct out_file {
        const char *name; /* within the folder; points into the path */
        int folder;       /* a descriptor; -1: not open */
        char reason[512]; /* why it could not be opened, if an errno is not sufficient */
};

#define OUT_FILE_INIT \
        { .folder = -1 }

/* The text for the error `r` of out_file_open() or out_file_write(). */
const char *out_file_reason(const struct out_file *file, int r);

/* Opens the folder of `path`. 0 or a negative errno: -EPERM if root would follow a folder or a link of another user, who could
 * replace it meanwhile. */
int out_file_open(struct out_file *file, const char *path);
/* Writes the whole file. It gets its name only when it is complete, and then replaces a former file. The umask applies to `mode`.
 * On a negative errno nothing has changed. */
int out_file_write(const struct out_file *file, const void *data, size_t size, mode_t mode);
void out_file_done(struct out_file *file);

#endif
