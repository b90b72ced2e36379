/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Writes one JSON text, two blanks a level, or on one line with `compact`. `key` is NULL inside arrays and at the top.
 * Nothing is kept: what was written is on its way, and errors are those of the stream. */
struct json {
        FILE *f;
        unsigned depth;
        bool compact;
        bool more; /* something stands before on this level: a comma is due */
};

void json_open(struct json *j, const char *key, char bracket);
/* With bracket ']' or '}'. At the top level a newline follows. */
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* A number or word of JSON as it is. The caller knows that it is one. */
void json_raw(struct json *j, const char *key, const char *value);

#endif
