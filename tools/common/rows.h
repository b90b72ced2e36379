/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ROWS_H
#define TOOLS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

#include "tools/common/json.h"
#include "tools/common/table.h"

/* Answers of the service that are arrays of structures. Tables of columns describe them, so that the same code reads all answers and
 * prints them as JSON, as plain lines and as a table. */

struct column {
        const char *key;     /* name in JSON and plain output; must not change after a release */
        const char *heading; /* in tables; NULL: not shown there */
        char type;           /* as on the bus: s u i t x b; COLUMN_MADE: a number that is computed from the answer */
        /* Returns the text of a value in tables, stored in `buffer` if necessary. NULL: the value is shown unchanged. */
        const char *(*show)(const char *raw, char *buffer, size_t size);
};

struct columns {
        const struct column *items;
        size_t n;
        const char *spare; /* keys of columns that are left out if they are empty, and on a narrow terminal in this order */
        const char *label; /* key of a column that is left out only if it is empty; NULL: none */
};
#define COLUMN_MADE '-'
#define COLUMNS_SPARE(array, keys, label) \
        { array, ARRAY_SIZE(array), keys, label }
#define COLUMNS(array) COLUMNS_SPARE(array, "", NULL)

/* The service's value for an unknown number, in columns where 0 is a valid number. */
#define UNKNOWN_NUMBER "4294967295"

struct rows {
        const struct columns *columns;
        size_t n, room;
        char **cells; /* n * columns->n texts: numbers in decimal ("": unknown), "true" and "false" */
};

/* Reads the array at the current position of the message, or (rows_read_one) one row that is not in a structure; values after that
 * row are ignored. Returns 0 or a negative errno: -ENXIO if the signature of the array, or the type of a value of the row, is not
 * the expected one. On failure nothing has to be freed. */
int rows_read(struct rows *ret, const struct columns *columns, sd_bus_message *m);
int rows_read_one(struct rows *ret, const struct columns *columns, sd_bus_message *m);
void rows_free(struct rows *rows);
/* Adds a row of empty texts; returns its number. */
size_t rows_add(struct rows *rows);

/* Returns the text in the column with this key. */
const char *rows_get(const struct rows *rows, size_t row, const char *key);
void rows_set(struct rows *rows, size_t row, const char *key, const char *value);
/* Drops the rows for which `keep` is false. */
void rows_filter(struct rows *rows, bool (*keep)(const struct rows *rows, size_t row, const void *userdata), const void *userdata);

/* Writes one object, or an array of objects. */
void rows_json_one(const struct rows *rows, size_t row, struct json *j);
void rows_json(const struct rows *rows, struct json *j, const char *key);
/* Prints one row as " key=value key=value ..." and a newline. */
void rows_plain_one(const struct rows *rows, size_t row, FILE *f);
/* Prints a line "RECORD key=value key=value ..." for each row; RECORD may be NULL. */
void rows_plain(const struct rows *rows, FILE *f, const char *record);
/* Prints a table. With `width` SIZE_MAX all columns that have a heading are shown. Otherwise empty spare columns are left out, and
 * others until the table fits. `style` may be NULL. */
void rows_table(const struct rows *rows, FILE *f, int indent, size_t width, bool color,
                enum style (*style)(const struct rows *, size_t));

/* Prints "key=value" for plain output, quoted if necessary, and a blank before it unless it is the `first` of its line. */
void plain_pair(FILE *f, bool first, const char *key, const char *value);

#endif
