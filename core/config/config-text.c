/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits a configuration text into headings, keys and values. There are no continuation lines, and a comment cannot follow a value
 * on the same line. Except in comments, lines that are too long, invalid UTF-8 and control characters are faults. */

#include "core/config/config-text.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct reader {
        const char *next;
        size_t left;
        unsigned line;
        const struct config_text_sink *sink;
        void *userdata;
};

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
}

struct span {
        const char *start;
        size_t length;
};

static struct span trim(struct span span) {
        while (span.length > 0 && is_blank(span.start[span.length - 1]))
                span.length--;
        while (span.length > 0 && is_blank(*span.start)) {
                span.start++;
                span.length--;
        }
        return span;
}

static struct span take_line(struct reader *reader) {
        const char *end = memchr(reader->next, '\n', reader->left);
        struct span line = { reader->next, end ? (size_t) (end - reader->next) : reader->left };
        size_t taken = line.length + (end != NULL);

        if (reader->line == 1 && line.length >= 3 && memcmp(line.start, "\xef\xbb\xbf", 3) == 0)
                line = (struct span){ line.start + 3, line.length - 3 };
        reader->next += taken;
        reader->left -= taken;
        return trim(line);
}

static bool has_comment_behind(struct span line) {
        for (size_t i = 1; i < line.length; i++)
                if ((line.start[i] == ';' || line.start[i] == '#') && is_blank(line.start[i - 1]))
                        return true;
        return false;
}

static bool is_assignment(struct span line) {
        const char *sign = memchr(line.start, '=', line.length);

        return sign && !memchr(line.start, ':', (size_t) (sign - line.start));
}

/* Checks a line that begins with "[": its first "]" must be the last byte. */
static bool is_heading(struct span line) {
        return memchr(line.start, ']', line.length) == line.start + line.length - 1;
}

/* Returns NULL for a valid line. */
static const char *line_fault(struct span line) {
        if (line.length > CONFIG_LINE_MAX)
                return "the line is longer than 4200 bytes";
        if (!utf8_is_text(line.start, line.length))
                return "the line contains control characters or invalid UTF-8";
        if (has_comment_behind(line))
                return "a comment cannot follow other text (\"#\" or \";\" after a blank); put it on a separate line";
        if (line.start[0] == '[')
                return is_heading(line) ? NULL : "the heading does not end with \"]\"";
        return is_assignment(line) ? NULL : "the line is neither a [heading] nor KEY = VALUE";
}

/* Copies a part of a line, trimmed, as a NUL-terminated text. */
static const char *copy(char ret[CONFIG_LINE_MAX + 1], struct span span) {
        span = trim(span);
        *(char *) mempcpy(ret, span.start, span.length) = '\0';
        return ret;
}

static void report_heading(const struct reader *reader, struct span line) {
        char name[CONFIG_LINE_MAX + 1];

        reader->sink->heading(reader->userdata, reader->line, copy(name, (struct span){ line.start + 1, line.length - 2 }));
}

static void report_entry(const struct reader *reader, struct span line) {
        char key[CONFIG_LINE_MAX + 1], value[CONFIG_LINE_MAX + 1];
        size_t length = (size_t) ((const char *) memchr(line.start, '=', line.length) - line.start);

        reader->sink->entry(reader->userdata, reader->line, copy(key, (struct span){ line.start, length }),
                            copy(value, (struct span){ line.start + length + 1, line.length - length - 1 }));
}

static void report_line(const struct reader *reader, struct span line) {
        const char *fault;

        if (line.length == 0 || line.start[0] == '#' || line.start[0] == ';')
                return;
        fault = line_fault(line);
        if (fault && line.start[0] == '[')
                reader->sink->heading(reader->userdata, reader->line, NULL);
        if (fault)
                reader->sink->fault(reader->userdata, reader->line, fault);
        else if (line.start[0] == '[')
                report_heading(reader, line);
        else
                report_entry(reader, line);
}

void config_text_parse(const char *text, size_t size, const struct config_text_sink *sink, void *userdata) {
        struct reader reader = { .next = text, .left = size, .sink = sink, .userdata = userdata };

        while (reader.left > 0) {
                if (++reader.line > CONFIG_LINES_MAX) {
                        sink->fault(userdata, reader.line, "the file has more than 4096 lines; the rest was not read");
                        return;
                }
                report_line(&reader, take_line(&reader));
        }
}
