/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The UTF-8 decoder of all programs and of libgovernord, hence the licence of this file. As in D-Bus, overlong forms, surrogates
 * and characters above U+10FFFF are invalid. */

/* Result of the decoder for a byte that does not begin a valid character. */
#define UTF8_INVALID UINT32_MAX

/* Decodes one character of at most `max` bytes. Returns the number of its bytes, 1 for UTF8_INVALID, or 0 at the end of the text (a
 * NUL, or `max` is 0). */
size_t utf8_decode(const char *text, size_t max, uint32_t *ret);
/* The same for texts that end with a NUL. */
size_t utf8_next(const char *text, uint32_t *ret);

/* Returns true if a text that ends with a NUL is valid UTF-8. */
bool utf8_is_valid(const char *text);
/* Returns true if the bytes are valid UTF-8 without control characters other than tab, as required in configuration files. */
bool utf8_is_text(const char *text, size_t length);

#endif
