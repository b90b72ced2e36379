/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAULT_RULES_H
#define GOVERNORD_TESTS_FAULT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum fault_op { FAULT_OPEN, FAULT_READ, FAULT_WRITE };

/* The functions of the C library, so that reading the rules does not call the hooks. */
struct fault_io {
        int (*openat)(int dirfd, const char *path, int flags, ...);
        ssize_t (*read)(int fd, void *buf, size_t n);
};

/* Sets the file with the rules; NULL: none. Discards the rules that were read. */
void fault_rules_file(const char *file);
/* Reads the file again if it has changed. */
void fault_rules_refresh(const struct fault_io *io);
/* Returns the errno for this operation on this real path, or 0. The last matching rule is used. */
int fault_rules_match(enum fault_op op, const char *path);
bool fault_rules_any(enum fault_op op);

#endif
