/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ROWS_H
#define TOOLS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

#include "tools/common/json.h"
#include "tools/common/table.h"

/* Answers of the service that are arrays of structures, described by tables of columns: reading them, and showing them as JSON,
 * as plain lines and as a table, is then the same for all of them. */

struct column {
        const char *key;     /* in JSON and plain output: never changed once released */
        const char *heading; /* for people; NULL: not shown to them */
        char type;           /* as on the bus: s u i t x b; COLUMN_MADE: a number that is no part of the answer, but made of it */
        /* Text for people, made in `buffer` if need be; NULL: as it is, and "-" for nothing. */
        const char *(*show)(const char *raw, char *buffer, size_t size);
};

struct columns {
        const struct column *items;
        size_t n;
        const char
                *spare; /* keys of columns that a narrow terminal does without, the first of them first; if empty, any terminal */
        const char *label; /* key of one that is left out only if it is empty; NULL: none */
};
#define COLUMN_MADE '-'
#define COLUMNS_SPARE(array, keys, label) \
        { array, ARRAY_SIZE(array), keys, label }
#define COLUMNS(array) COLUMNS_SPARE(array, "", NULL)

/* As the service gives a number that it does not know, where 0 is one. */
#define UNKNOWN_NUMBER "4294967295"

struct rows {
        const struct columns *columns;
        size_t n, room;
        char **cells; /* n * columns->n texts: numbers in decimal ("": not known), true and false in words */
};

/* Reads the array at the message's place, or (rows_read_one) one row that is not in a structure. Negative errno, -ENXIO when
 * the message has another form; then nothing has to be freed. */
int rows_read(struct rows *ret, const struct columns *columns, sd_bus_message *m);
int rows_read_one(struct rows *ret, const struct columns *columns, sd_bus_message *m);
void rows_free(struct rows *rows);
/* Adds a row of empty texts; returns its number. */
size_t rows_add(struct rows *rows);

/* The text of a column given by its key. */
const char *rows_get(const struct rows *rows, size_t row, const char *key);
void rows_set(struct rows *rows, size_t row, const char *key, const char *value);
/* Drops the rows for which `keep` is false. */
void rows_filter(struct rows *rows, bool (*keep)(const struct rows *rows, size_t row, const void *userdata), const void *userdata);

/* One object, or an array of objects. */
void rows_json_one(const struct rows *rows, size_t row, struct json *j);
void rows_json(const struct rows *rows, struct json *j, const char *key);
/* " key=value key=value ..." and the end of the line, for one row. */
void rows_plain_one(const struct rows *rows, size_t row, FILE *f);
/* A line "RECORD key=value key=value ..." for each row; RECORD may be NULL. */
void rows_plain(const struct rows *rows, FILE *f, const char *record);
/* Not wider than `width` columns, if leaving out the spare ones makes it so. `style` may be NULL. */
void rows_table(const struct rows *rows, FILE *f, int indent, size_t width, bool color,
                enum style (*style)(const struct rows *, size_t));

/* One "key=value" of plain output, quoted where needed, with a blank before it unless it is the `first` of its line. */
void plain_pair(FILE *f, bool first, const char *key, const char *value);

#endif
