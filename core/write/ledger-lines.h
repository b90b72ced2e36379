/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_LINES_H
#define CORE_LEDGER_LINES_H

#include "base/buffer.h"
#include "core/write/ledger.h"

/* The lines of the ledger file. Each can be parsed on its own:
 *
 *   governord-ledger VERSION BOOT-ID                      the first line
 *   o ID DRIVER KNOB SCOPE DOMAIN PATH LABEL ORIGINAL     first change of a knob
 *   i ID IDENTITY                                         identity of the device, if it has one
 *   w ID VALUE                                            a value that is about to be written, or was read back after a write
 *   u ID                                                  values may be missing, see `incomplete` in ledger.h
 *   d ID                                                  the entry is removed, since the service no longer manages the knob
 *
 * A version of governord that does not support "i" identifies the entry by its domain and path. Fields are separated by tabs,
 * except in the first line. A value is a single line of text without tabs. */

/* Ids start at 1. They must fit in an int, since ledger_note() returns them. */
#define LEDGER_ID_MAX INT32_MAX

struct ledger_line {
        char kind; /* 'o', 'i', 'w', 'u' or 'd' */
        uint32_t id;
        struct ledger_key key; /* of 'o' */
        const char *text;      /* original, identity or value, interned; NULL for "u" and "d" */
};

/* Parses a line and modifies it. Returns 0, -EBADMSG or -ENOMEM. */
int ledger_line_parse(char *line, struct ledger_line *ret);
/* Parses the first line; *ret_boot_id points into it. Returns 0, or -EBADMSG if it is not such a line. */
int ledger_header_parse(const char *line, uint32_t *ret_version, const char **ret_boot_id);

void ledger_format_header(struct buffer *buffer, const char *boot_id);
void ledger_format_entry(struct buffer *buffer, const struct ledger_entry *entry);
void ledger_format_value(struct buffer *buffer, uint32_t id, const char *value);
void ledger_format_incomplete(struct buffer *buffer, uint32_t id);
void ledger_format_drop(struct buffer *buffer, uint32_t id);

#endif
