/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses and formats single lines of the ledger. A line of an unknown kind, with a wrong number of fields or with an invalid number
 * is rejected as a whole; ledger.c decides how to treat it. */

#include "core/write/ledger-lines.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"

#define MAGIC "governord-ledger "

void ledger_format_header(struct buffer *buffer, const char *boot_id) {
        buffer_text(buffer, '\0', MAGIC);
        buffer_number(buffer, '\0', LEDGER_VERSION);
        buffer_text(buffer, ' ', boot_id);
        buffer_add(buffer, "\n", 1);
}

void ledger_format_entry(struct buffer *buffer, const struct ledger_entry *entry) {
        buffer_add(buffer, "o", 1);
        buffer_number(buffer, '\t', entry->id);
        buffer_text(buffer, '\t', entry->key.driver);
        buffer_text(buffer, '\t', entry->key.knob);
        buffer_number(buffer, '\t', entry->key.scope);
        buffer_number(buffer, '\t', entry->key.domain);
        buffer_text(buffer, '\t', entry->key.path);
        buffer_text(buffer, '\t', entry->key.label);
        buffer_text(buffer, '\t', entry->original);
        buffer_add(buffer, "\n", 1);
        if (!entry->key.identity[0])
                return;
        buffer_add(buffer, "i", 1);
        buffer_number(buffer, '\t', entry->id);
        buffer_text(buffer, '\t', entry->key.identity);
        buffer_add(buffer, "\n", 1);
}

void ledger_format_value(struct buffer *buffer, uint32_t id, const char *value) {
        buffer_add(buffer, "w", 1);
        buffer_number(buffer, '\t', id);
        buffer_text(buffer, '\t', value);
        buffer_add(buffer, "\n", 1);
}

static void format_mark(struct buffer *buffer, const char *kind, uint32_t id) {
        buffer_add(buffer, kind, 1);
        buffer_number(buffer, '\t', id);
        buffer_add(buffer, "\n", 1);
}

void ledger_format_incomplete(struct buffer *buffer, uint32_t id) {
        format_mark(buffer, "u", id);
}

void ledger_format_drop(struct buffer *buffer, uint32_t id) {
        format_mark(buffer, "d", id);
}

int ledger_header_parse(const char *line, uint32_t *ret_version, const char **ret_boot_id) {
        const char *number = line + strlen(MAGIC), *blank;
        char text[12];

        if (strncmp(line, MAGIC, strlen(MAGIC)) != 0)
                return -EBADMSG;
        blank = strchr(number, ' ');
        if (!blank || TEXT_FORMAT(text, "%.*s", (int) (blank - number), number) < 0 || parse_u32(text, ret_version) < 0 ||
            *ret_version == 0)
                return -EBADMSG;
        *ret_boot_id = blank + 1;
        return 0;
}

/* Splits a line at tabs into exactly `n` fields. */
static int split(char *line, char **fields, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char *tab = strchr(line, '\t');

                if (!tab != (i == n - 1))
                        return -EBADMSG;
                fields[i] = line;
                if (tab) {
                        *tab = '\0';
                        line = tab + 1;
                }
        }
        return 0;
}

static int parse_original(char **f, struct ledger_line *ret) {
        if (parse_u32(f[4], &ret->key.scope) < 0 || parse_u32(f[5], &ret->key.domain) < 0)
                return -EBADMSG;
        ret->key.driver = text_intern(f[2]);
        ret->key.knob = text_intern(f[3]);
        ret->key.path = text_intern(f[6]);
        ret->key.label = text_intern(f[7]);
        ret->key.identity = text_intern("");
        ret->text = text_intern(f[8]);
        return ret->key.driver && ret->key.knob && ret->key.path && ret->key.label && ret->key.identity && ret->text ? 0 : -ENOMEM;
}

int ledger_line_parse(char *line, struct ledger_line *ret) {
        char *f[9];
        size_t n = line[0] == 'o' ? 9 : line[0] == 'w' || line[0] == 'i' ? 3 : line[0] == 'u' || line[0] == 'd' ? 2 : 0;
        struct ledger_line parsed = { .kind = line[0] };
        int r = 0;

        if (n == 0 || split(line, f, n) < 0 || f[0][1] != '\0' || parse_u32(f[1], &parsed.id) < 0 || parsed.id == 0 ||
            parsed.id > LEDGER_ID_MAX)
                return -EBADMSG;
        if (parsed.kind == 'o')
                r = parse_original(f, &parsed);
        else if ((parsed.kind == 'w' || parsed.kind == 'i') && !(parsed.text = text_intern(f[2])))
                r = -ENOMEM;
        if (r == 0)
                *ret = parsed;
        return r;
}
