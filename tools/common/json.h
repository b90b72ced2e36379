/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Writes one JSON text, indented by two blanks per level, or on one line with `compact`. `key` is NULL inside arrays and at the top
 * level. Everything is written to the stream at once; errors are those of the stream. */
struct json {
        FILE *f;
        unsigned depth;
        bool compact;
        bool more; /* this level has a member already, so the next one needs a comma */
};

void json_open(struct json *j, const char *key, char bracket);
/* With bracket ']' or '}'. At the top level a newline follows. */
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* Writes `value` verbatim; it must be a number or a literal of JSON. */
void json_raw(struct json *j, const char *key, const char *value);

#endif
