/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A JSON writer. Characters that are unsafe on a terminal (utf8.h) are escaped, and bytes that are not valid UTF-8 become U+FFFD. The
 * caller must use different keys within an object, give every member of an object a key, and give elements of arrays none. */

#include "tools/common/json.h"

#include <inttypes.h>

#include "tools/common/utf8.h"

static void quoted_char(FILE *f, const char *text, size_t n, uint32_t c) {
        if (c == UTF8_INVALID)
                (void) fputs("\\ufffd", f);
        else if (c == '"' || c == '\\')
                (void) fprintf(f, "\\%c", (char) c);
        else if (!utf8_is_unsafe(c))
                (void) fwrite(text, 1, n, f);
        else if (c < 0x10000)
                (void) fprintf(f, "\\u%04x", c);
        else
                (void) fprintf(f, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void quoted(FILE *f, const char *text) {
        uint32_t c;

        (void) fputc('"', f);
        for (size_t n; (n = utf8_next(text, &c)) > 0; text += n)
                quoted_char(f, text, n, c);
        (void) fputc('"', f);
}

static void new_line(const struct json *j) {
        if (!j->compact && j->depth > 0)
                (void) fprintf(j->f, "\n%*s", (int) j->depth * 2, "");
}

static void begin(struct json *j, const char *key) {
        if (j->more)
                (void) fputc(',', j->f);
        new_line(j);
        if (key) {
                quoted(j->f, key);
                (void) fputs(j->compact ? ":" : ": ", j->f);
        }
        j->more = true;
}

void json_open(struct json *j, const char *key, char bracket) {
        begin(j, key);
        (void) fputc(bracket, j->f);
        j->depth++;
        j->more = false;
}

void json_close(struct json *j, char bracket) {
        bool empty = !j->more;

        j->depth--;
        if (!empty && !j->compact)
                (void) fprintf(j->f, "\n%*s", (int) j->depth * 2, "");
        (void) fputc(bracket, j->f);
        j->more = j->depth > 0;
        if (j->depth == 0)
                (void) fputc('\n', j->f);
}

void json_string(struct json *j, const char *key, const char *value) {
        begin(j, key);
        quoted(j->f, value);
}

void json_int(struct json *j, const char *key, int64_t value) {
        begin(j, key);
        (void) fprintf(j->f, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value) {
        json_raw(j, key, value ? "true" : "false");
}

void json_raw(struct json *j, const char *key, const char *value) {
        begin(j, key);
        (void) fputs(value, j->f);
}
