/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Returns the one copy of this text, which lives as long as the process. The values of thousands of knobs are few distinct words,
 * which then need only a pointer each and can be compared by address. Returns NULL only if memory is short. */
const char *text_intern(const char *text);

static inline bool text_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* The plural ending of a noun behind a number: "s", or "" for 1. */
static inline const char *text_plural(size_t n) {
        return n == 1 ? "" : "s";
}

/* Length of the longest prefix of a UTF-8 text that has at most `max` bytes and ends between two characters; for "%.*s". */
int text_cut(const char *text, int max);

/* Formats into a fixed array. Returns -E2BIG if the text does not fit (the array then holds ""). */
int text_format(char *ret, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define TEXT_FORMAT(array, ...) text_format((array), sizeof(array), __VA_ARGS__)

#endif
