/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A buffer to which bytes are appended. If memory allocation fails, `failed` is set and further bytes are ignored, so that it is
 * sufficient to check `failed` once, at the end. A zeroed buffer is empty. The caller frees `data`. */
struct buffer {
        char *data;
        size_t n, room;
        bool failed;
};

void buffer_add(struct buffer *buffer, const char *text, size_t length);
/* Appends the character `before` (none for NUL), then the text or the decimal number. */
void buffer_text(struct buffer *buffer, char before, const char *text);
void buffer_number(struct buffer *buffer, char before, uint32_t number);

#endif
