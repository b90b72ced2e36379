/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* The word of the blank-separated `list` that `word` is a slip of the finger away from (two letters at most, case counts for
 * nothing), written to `ret` (SUGGEST_MAX bytes) as ", did you mean \"x\"?"; "" when there is none. Returns `ret`, for use in a
 * printf list. */
#define SUGGEST_MAX 96
const char *suggest(char *ret, const char *word, const char *list);
/* Letters to change, add or remove to get from one to the other, case ignored; 99 for long words. */
unsigned suggest_distance(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
