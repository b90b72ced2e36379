/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A set that keeps one copy of each text for the life of the process: the values of thousands of knobs are few words, which
 * then cost a pointer and compare by address. Returns NULL only when memory is short. */
const char *text_intern(const char *text);

static inline bool text_equal(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

/* What follows a noun behind its number: "s", but not after 1. */
static inline const char *text_plural(size_t n) {
        return n == 1 ? "" : "s";
}

/* Length of the beginning of a UTF-8 text that has at most `max` bytes and ends between two characters; for "%.*s". */
int text_cut(const char *text, int max);

/* printf into a fixed array; -E2BIG when it does not fit (the array then holds ""). */
int text_format(char *ret, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define TEXT_FORMAT(array, ...) text_format((array), sizeof(array), __VA_ARGS__)

#endif
