/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SCRUB_H
#define TOOLS_SCRUB_H

#include <stddef.h>

#define SCRUB_HOST "<host>"

/* Returns a copy of the text (malloc'ed) in which these words are replaced: names of this machine and of its users (except system
 * users), names of folders in /home, hardware addresses, UUIDs, machine IDs, serial numbers of this machine, and each of the `n`
 * `values` that has at least four bytes. A few common words such as "default" are kept even if they are names, serial numbers or
 * values. */
char *scrub(const char *text, char *const *values, size_t n);

#endif
