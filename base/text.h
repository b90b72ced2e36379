/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Returns the interned copy of a text. Equal texts have the same copy, which is never freed. Copies can be compared by address, and
 * thousands of knobs with the same value need only a pointer each. Returns NULL if memory allocation fails. */
const char *text_intern(const char *text);

static inline bool text_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* Returns the plural ending of a noun after the number `n`: "s", or "" for 1. */
static inline const char *text_plural(size_t n) {
        return n == 1 ? "" : "s";
}

/* Returns the length of the longest prefix of a UTF-8 text that has at most `max` bytes and ends between two characters, for
 * "%.*s". */
int text_cut(const char *text, int max);

/* Formats into `ret`, which has `size` bytes. Returns 0, or -E2BIG if the text does not fit; `ret` is then "". */
int text_format(char *ret, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define TEXT_FORMAT(array, ...) text_format((array), sizeof(array), __VA_ARGS__)

#endif
