/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FIXTURE_DIR_H
#define GOVERNORD_TESTS_FIXTURE_DIR_H

#include <stddef.h>
#include <sys/types.h>

#define FIX_DEPTH_MAX 32u
#define FIX_NAME_MAX  255u

/*
 * Writes files below one directory, and not outside of it: a symbolic link is not followed in any component of a path. The
 * descriptors of the directories of the last path stay open, because adjacent lines share most of their paths; this makes 60000
 * files possible in a short time.
 */
struct fix_dir {
        int root;
        size_t depth;
        struct {
                int fd;
                char name[FIX_NAME_MAX + 1];
        } level[FIX_DEPTH_MAX];
};

/* Creates dir if it does not exist. */
int fix_dir_open(struct fix_dir *d, const char *dir);
void fix_dir_close(struct fix_dir *d);

/* Returns 0, or -EINVAL for a path that is absolute, empty, too long or too deep, or has '.', '..' or empty components. */
int fix_path_check(const char *path);

/* For these functions, the path must have been checked. They create missing parents and replace existing files; -ENOTEMPTY: the
 * path is a directory that is not empty. */
int fix_dir_file(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode);
/* Appends to a file, which is created if it does not exist. */
int fix_dir_append(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode);
int fix_dir_link(struct fix_dir *d, const char *path, const char *target);
int fix_dir_mkdir(struct fix_dir *d, const char *path, mode_t mode);
/* Removes a file, a link, or a directory with its contents. */
int fix_dir_remove(struct fix_dir *d, const char *path);

/* Removes name below parent, which may be a file or a directory. Does not follow links. */
int fix_remove_at(int parent, const char *name);

#endif
