/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes text of other programs safe for the terminal: control characters in names and reasons from the bus are shown as escapes, and so
 * are bytes that are not valid UTF-8. */

#include "tools/common/utf8.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "tools/common/xalloc.h"

struct range {
        uint32_t first, last;
};

static const struct range unsafe[] = {
        { 0x00, 0x1f },                         /* C0: escape, newline, bell */
        { 0x7f, 0x9f },                         /* delete and C1: 0x9b starts a control sequence like ESC [ */
        { 0x61c, 0x61c },   { 0x200b, 0x200f }, /* zero width, direction marks */
        { 0x2028, 0x202e },                     /* line and paragraph separators, direction overrides */
        { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }, /* tags */
};
static const struct range combining[] = {
        { 0x300, 0x36f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};
static const struct range wide[] = {
        { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xac00, 0xd7a3 },
        { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
        { 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return false;
}

bool utf8_is_unsafe(uint32_t c) {
        return in_ranges(c, unsafe, ARRAY_SIZE(unsafe));
}

static size_t width_of(uint32_t c) {
        if (in_ranges(c, wide, ARRAY_SIZE(wide)))
                return 2;
        return in_ranges(c, combining, ARRAY_SIZE(combining)) ? 0 : 1;
}

size_t utf8_width(const char *text) {
        size_t width = 0, n;
        uint32_t c;

        for (; (n = utf8_next(text, &c)) > 0; text += n)
                width += width_of(c);
        return width;
}

size_t utf8_fit(const char *text, size_t width) {
        size_t length = 0, n;
        uint32_t c;

        for (; (n = utf8_next(text + length, &c)) > 0 && width_of(c) <= width; length += n)
                width -= width_of(c);
        return length;
}

void clean_print(FILE *f, const char *text, bool lines) {
        uint32_t c;

        for (size_t n; (n = utf8_next(text, &c)) > 0; text += n)
                if (c == UTF8_INVALID)
                        (void) fprintf(f, "\\x%02x", (unsigned) (uint8_t) *text);
                else if (!utf8_is_unsafe(c) || (lines && (c == '\n' || c == '\t')))
                        (void) fwrite(text, 1, n, f);
                else if (c < 0x80)
                        (void) fprintf(f, "\\x%02x", c);
                else
                        (void) fprintf(f, "\\u%04x", c);
}

char *clean_dup(const char *text) {
        char *out = NULL;
        size_t size = 0;
        FILE *f = must(open_memstream(&out, &size));

        clean_print(f, text, false);
        (void) fclose(f);
        return must(out);
}
