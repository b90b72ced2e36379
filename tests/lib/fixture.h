/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FIXTURE_H
#define GOVERNORD_TESTS_FIXTURE_H

#include <stddef.h>

/*
 * Builds the simulated machine that tree_file describes, below dir. dir is created if it does not exist; existing files are kept or
 * replaced. defines is a NULL-terminated list of NAME=VALUE, or NULL. Returns 0, or a negative errno with "file:line: reason" in
 * errbuf (which may be NULL); files that were made before an error remain. tests/machines/README.md describes the format.
 */
int fixture_make(const char *tree_file, const char *dir, const char *const *defines, char *errbuf, size_t errlen);

/* Removes dir and everything below it, without following symbolic links. Returns 0 or a negative errno; -ENOENT if dir does not
 * exist. */
int fixture_remove(const char *dir);

#endif
