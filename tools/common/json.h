/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Writes one JSON text, indented by two blanks per level, or on one line with `compact`. `key` is NULL inside arrays and at the top
 * level. Nothing is buffered here. Errors are not returned: check the stream with ferror(). */
struct json {
        FILE *f;
        unsigned depth;
        bool compact;
        bool more; /* the next member of this level needs a comma before it */
};

void json_open(struct json *j, const char *key, char bracket);
/* `bracket` is ']' or '}'. At the top level a newline is written, too. */
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* Writes `value` unchanged; it must be a JSON number, true, false or null. */
void json_raw(struct json *j, const char *key, const char *value);

#endif
