/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SCRUB_H
#define TOOLS_SCRUB_H

#include <stddef.h>

#define SCRUB_HOST "<host>"

/* Returns a copy of the text (malloc'ed) in which the following are replaced by a word: names of this machine and of its users
 * (except system users), the folder of a user below /home, anything that looks like a hardware address, a UUID or a machine ID,
 * serial numbers of this machine, and those of the `n` values that have at least four bytes. */
char *scrub(const char *text, char *const *values, size_t n);

#endif
