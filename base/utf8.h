/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The decoder of all programs and of libgovernord, hence the licence of this file. As in D-Bus, overlong forms, surrogates and
 * characters above U+10FFFF are invalid. */

/* The decoder's result for a byte that does not begin a character. */
#define UTF8_INVALID UINT32_MAX

/* Decodes one character of at most `max` bytes. Returns the number of bytes read, which is at least 1 even for UTF8_INVALID; 0 at
 * the end of the text, which is a NUL or max = 0. */
size_t utf8_decode(const char *text, size_t max, uint32_t *ret);
/* The same for texts that end with a NUL. */
size_t utf8_next(const char *text, uint32_t *ret);

/* True if all bytes of a text that ends with a NUL belong to characters. */
bool utf8_is_valid(const char *text);
/* True if the bytes are valid UTF-8 without control characters other than tab, as required of a configuration. */
bool utf8_is_text(const char *text, size_t length);

#endif
