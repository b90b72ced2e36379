/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SCRUB_H
#define TOOLS_SCRUB_H

#include <stddef.h>

#define SCRUB_HOST "<host>"

/* A copy of the text (malloc'ed) in which a word stands for each name of this machine and of its users (not of system users), for the
 * folder of a user below /home, and for what looks like a hardware address, a UUID, a machine ID or a serial number of this machine; and
 * for each of the `n` values that has four bytes at least. */
char *scrub(const char *text, char *const *values, size_t n);

#endif
