/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FIXTURE_DIR_H
#define GOVERNORD_TESTS_FIXTURE_DIR_H

#include <stddef.h>
#include <sys/types.h>

#define FIX_DEPTH_MAX 32u
#define FIX_NAME_MAX 255u

/*
 * Writes below one directory, and never outside it: no component of a path is ever followed if it is a symbolic link.
 * The descriptors of the last path's directories stay open, because neighbouring lines share most of their path; that
 * is what makes 60000 files affordable.
 */
struct fix_dir {
        int root;
        size_t depth;
        struct {
                int fd;
                char name[FIX_NAME_MAX + 1];
        } level[FIX_DEPTH_MAX];
};

/* Creates dir when it is missing. */
int fix_dir_open(struct fix_dir *d, const char *dir);
void fix_dir_close(struct fix_dir *d);

/* 0, or -EINVAL for a path that is absolute, empty, too long, too deep, or has '.', '..' or empty components. */
int fix_path_check(const char *path);

/* All of these take checked paths, make parents, and replace what is there; -ENOTEMPTY for a directory in use. */
int fix_dir_file(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode);
/* Adds to a file, which is made when it is missing. */
int fix_dir_append(struct fix_dir *d, const char *path, const char *data, size_t len, mode_t mode);
int fix_dir_link(struct fix_dir *d, const char *path, const char *target);
int fix_dir_mkdir(struct fix_dir *d, const char *path, mode_t mode);
/* Removes a file, a link or a whole directory. */
int fix_dir_remove(struct fix_dir *d, const char *path);

/* Removes name below parent, whatever it is. Follows no link. */
int fix_remove_at(int parent, const char *name);

#endif
