/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_LINES_H
#define CORE_LEDGER_LINES_H

#include "base/buffer.h"
#include "core/write/ledger.h"

/* The lines of the ledger file, each understood by itself:
 *
 *   governord-ledger VERSION BOOT-ID                      the first line
 *   o ID DRIVER KNOB SCOPE DOMAIN PATH LABEL ORIGINAL     first change of a knob
 *   i ID IDENTITY                                         of the device, where it has one
 *   w ID VALUE                                            a value that is about to be written
 *   u ID                                                  values may be missing, since a damaged line was left out
 *   d ID                                                  given back
 *
 * A version that does not know "i" takes the entry by its domain and path. Fields are separated by tabs. Values are one line of text without tabs, as the kernel's attribute files are. */

/* Ids are given out from 1; the callers carry them in an int. */
#define LEDGER_ID_MAX INT32_MAX

struct ledger_line {
        char kind; /* 'o', 'i', 'w', 'u' or 'd' */
        uint32_t id;
        struct ledger_key key; /* of 'o' */
        const char *text;      /* original, identity or value, interned */
};

/* Takes a line apart, which is changed. 0, -EBADMSG or -ENOMEM. */
int ledger_line_parse(char *line, struct ledger_line *ret);
/* The first line; *ret_boot_id points into it. -EBADMSG: it is another one. */
int ledger_header_parse(const char *line, uint32_t *ret_version, const char **ret_boot_id);

void ledger_format_header(struct buffer *buffer, const char *boot_id);
void ledger_format_entry(struct buffer *buffer, const struct ledger_entry *entry);
void ledger_format_value(struct buffer *buffer, uint32_t id, const char *value);
void ledger_format_incomplete(struct buffer *buffer, uint32_t id);
void ledger_format_drop(struct buffer *buffer, uint32_t id);

#endif
