/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FIXTURE_H
#define GOVERNORD_TESTS_FIXTURE_H

#include <stddef.h>

/*
 * Builds the simulated machine that tree_file describes below dir, which is created when it is missing; an existing
 * tree is overlaid. defines is a NULL-terminated list of NAME=VALUE, or NULL.
 * 0, or negative errno with "file:line: reason" in errbuf (which may be NULL). What was made before an error stays.
 * The format is described in tests/machines/README.md.
 */
int fixture_make(const char *tree_file, const char *dir, const char *const *defines, char *errbuf, size_t errlen);

/* Removes dir and everything below it; follows no symbolic link. 0 or negative errno; a missing dir is -ENOENT. */
int fixture_remove(const char *dir);

#endif
