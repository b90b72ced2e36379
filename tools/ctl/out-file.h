/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_OUT_FILE_H
#define TOOLS_OUT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* A file that a command writes under a name that the user gave. */
struct out_file {
        const char *name; /* within the folder; points into the path */
        int folder;       /* a descriptor; -1: not open */
        char reason[512]; /* why it could not be opened, where an errno does not say it */
};

#define OUT_FILE_INIT \
        { .folder = -1 }

/* Why `r` of out_file_open() or out_file_write() is an error, in words. */
const char *out_file_reason(const struct out_file *file, int r);

/* Opens the folder of `path`. 0 or a negative errno: -EPERM where root would go through a folder or a link of another user, who could put
 * another in its place meanwhile. */
int out_file_open(struct out_file *file, const char *path);
/* Writes the whole file, which appears under its name only when it is complete, and replaces a former one. The umask applies to `mode`.
 * Negative errno; then nothing has changed. */
int out_file_write(const struct out_file *file, const void *data, size_t size, mode_t mode);
void out_file_done(struct out_file *file);

#endif
