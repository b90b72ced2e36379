/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a configuration text into headings, keys and values, by inih. What inih decides when it is compiled (continuation lines,
 * comments behind values, where a long line or a long section name is cut) is decided here instead, before inih sees the line: no
 * continuation lines, comments on lines of their own, nothing is ever cut. Refused are long lines, bytes that are no UTF-8 and
 * control characters. */

#include "core/config-text.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "core/utf8.h"

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
                line = (struct span) { line.start + 3, line.length - 3 };
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

/* "[" was seen. The first "]" must be the last byte. */
static bool is_heading(struct span line) {
        return memchr(line.start, ']', line.length) == line.start + line.length - 1;
}

/* NULL when the line can be used. */
static const char *line_fault(struct span line) {
        if (line.length > CONFIG_LINE_MAX)
                return "the line is longer than 190 bytes";
        if (!utf8_is_text(line.start, line.length))
                return "the line has control characters or is not UTF-8";
        if (has_comment_behind(line))
                return "a comment must stand on a line of its own (\"#\" or \";\" behind a blank)";
        if (line.start[0] == '[')
                return is_heading(line) ? NULL : "the heading does not end with \"]\"";
        return is_assignment(line) ? NULL : "neither a [heading] nor KEY = VALUE";
}

static void report_heading(struct reader *reader, struct span line) {
        struct span name = trim((struct span) { line.start + 1, line.length - 2 });
        char text[CONFIG_LINE_MAX + 1];

        *(char *) mempcpy(text, name.start, name.length) = '\0';
        reader->sink->heading(reader->userdata, reader->line, text);
}

/* What of `line` is for inih: the assignments. */
static struct span inspect(struct reader *reader, struct span line) {
        static const struct span nothing = { "", 0 };
        const char *fault;

        if (line.length == 0 || line.start[0] == '#' || line.start[0] == ';')
                return nothing;
        fault = line_fault(line);
        if (fault) {
                reader->sink->fault(reader->userdata, reader->line, fault);
                return nothing;
        }
        if (line.start[0] != '[')
                return line;
        report_heading(reader, line);
        return nothing;
}

/* An ini_reader: fgets() that counts. */
static char *read_line(char *ret, int size, void *userdata) {
        struct reader *reader = userdata;
        struct span line;

        if (reader->left == 0)
                return NULL;
        if (++reader->line > CONFIG_LINES_MAX) {
                reader->sink->fault(reader->userdata, reader->line, "the file has too many lines; the rest was not read");
                return NULL;
        }
        line = inspect(reader, take_line(reader));
        if (size < 3 || line.length > (size_t) size - 3) {
                reader->sink->fault(reader->userdata, reader->line, "this build of inih has no room for the line");
                line.length = 0;
        }
        memcpy(mempcpy(ret, line.start, line.length), "\n", 2);
        return ret;
}

static int take_entry(void *userdata, const char *section, const char *key, const char *value) {
        const struct reader *reader = userdata;

        (void) section; /* cut at 49 bytes by inih: see report_heading() */
        reader->sink->entry(reader->userdata, reader->line, key, value);
        return 1;
}

int config_text_parse(const char *text, size_t size, const struct config_text_sink *sink, void *userdata) {
        struct reader reader = { .next = text, .left = size, .sink = sink, .userdata = userdata };
        int r = ini_parse_stream(read_line, &reader, take_entry, &reader);

        if (r > 0) /* cannot be: inspect() let through what inih takes */
                sink->fault(userdata, (unsigned) r, "inih refused the line");
        return r < 0 ? -ENOMEM : 0;
}
