/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/utf8.h"

/* Kinds of first bytes: mask and value, number of bytes that follow, and the smallest character that requires this many bytes. */
static const struct first {
        uint8_t mask, pattern, follow;
        uint32_t smallest;
} firsts[] = {
        { 0x80, 0x00, 0, 0 },
        { 0xe0, 0xc0, 1, 0x80 },
        { 0xf0, 0xe0, 2, 0x800 },
        { 0xf8, 0xf0, 3, 0x10000 },
};

static const struct first *find_first(uint8_t byte) {
        for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
                if ((byte & firsts[i].mask) == firsts[i].pattern)
                        return &firsts[i];
        return NULL;
}

size_t utf8_decode(const char *text, size_t max, uint32_t *ret) {
        const uint8_t *p = (const uint8_t *) text;
        const struct first *first;
        uint32_t c;

        *ret = UTF8_INVALID;
        if (max == 0 || p[0] == '\0')
                return 0;
        first = find_first(p[0]);
        if (!first || first->follow >= max)
                return 1;
        c = (uint32_t) (p[0] & (uint8_t) ~first->mask);
        for (size_t i = 1; i <= first->follow; i++) {
                if ((p[i] & 0xc0) != 0x80) /* also true for the NUL at the end */
                        return 1;
                c = c << 6 | (p[i] & 0x3fU);
        }
        if (c < first->smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 1;
        *ret = c;
        return first->follow + 1U;
}

size_t utf8_next(const char *text, uint32_t *ret) {
        return utf8_decode(text, SIZE_MAX, ret);
}

bool utf8_is_valid(const char *text) {
        uint32_t c;

        for (size_t n; (n = utf8_next(text, &c)) > 0; text += n)
                if (c == UTF8_INVALID)
                        return false;
        return true;
}

static bool is_control(uint32_t c) {
        return (c < 0x20 && c != '\t') || (c >= 0x7f && c <= 0x9f);
}

bool utf8_is_text(const char *text, size_t length) {
        size_t at = 0, n;
        uint32_t c;

        for (; (n = utf8_decode(text + at, length - at, &c)) > 0; at += n)
                if (c == UTF8_INVALID || is_control(c))
                        return false;
        return at == length; /* no NUL before the end */
}
