/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing buffer, for writing thousands of short lines without printf(). */

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void buffer_add(struct buffer *buffer, const char *text, size_t length) {
        if (buffer->failed || length == 0) /* nothing is added after a failure; memcpy() must not get NULL */
                return;
        if (buffer->n + length > buffer->room) {
                size_t room = MAX(buffer->room * 2, buffer->n + length + 4096);
                char *data = realloc(buffer->data, room);

                if (!data) {
                        buffer->failed = true;
                        return;
                }
                buffer->data = data;
                buffer->room = room;
        }
        memcpy(buffer->data + buffer->n, text, length);
        buffer->n += length;
}

void buffer_text(struct buffer *buffer, char before, const char *text) {
        buffer_add(buffer, &before, before != '\0');
        buffer_add(buffer, text, strlen(text));
}

void buffer_number(struct buffer *buffer, char before, uint32_t number) {
        char text[16];
        char *p = text + sizeof(text);

        *--p = '\0';
        do
                *--p = (char) ('0' + number % 10);
        while ((number /= 10) > 0);
        buffer_text(buffer, before, p);
}
