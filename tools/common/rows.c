/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads rows from bus messages and prints them. columns.c describes the columns. An array whose signature does not match the
 * columns is rejected as a whole, so that no incomplete answer of another version is shown. */

#include "tools/common/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

/* The longest signature is that of ListCpus, with 15 types; later versions may have longer ones. */
#define SIGNATURE_MAX 64
#define SHOW_MAX      128

static int read_cell(sd_bus_message *m, char type, char **ret) {
        union {
                const char *s;
                uint32_t u;
                int32_t i;
                uint64_t t;
                int64_t x;
                int b;
        } v;
        int r = 0;

        if (type == COLUMN_MADE) {
                *ret = xstrdup("");
                return 0;
        }
        r = sd_bus_message_read_basic(m, type, &v);
        if (r <= 0)
                return r < 0 ? r : -ENXIO;
        switch (type) {
        case 's':
                *ret = xstrdup(v.s);
                return 0;
        case 'u':
                *ret = xasprintf("%" PRIu32, v.u);
                return 0;
        case 'i':
                *ret = xasprintf("%" PRId32, v.i);
                return 0;
        case 't':
                *ret = xasprintf("%" PRIu64, v.t);
                return 0;
        case 'x':
                *ret = xasprintf("%" PRId64, v.x);
                return 0;
        case 'b':
                *ret = xstrdup(v.b ? "true" : "false");
                return 0;
        default:
                return -ENXIO;
        }
}

/* Appends a row whose cells are NULL. */
static char **new_row(struct rows *rows) {
        size_t n = rows->columns->n;

        if (rows->n == rows->room) {
                rows->room = rows->room ? rows->room * 2 : 16;
                rows->cells = must(reallocarray(rows->cells, rows->room * n, sizeof(*rows->cells)));
        }
        return memset(rows->cells + rows->n++ * n, 0, n * sizeof(*rows->cells));
}

static int read_row(struct rows *rows, sd_bus_message *m) {
        const struct columns *columns = rows->columns;
        char **cells = new_row(rows);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < columns->n; i++)
                r = read_cell(m, columns->items[i].type, &cells[i]);
        return r;
}

static int read_structs(struct rows *rows, const char *contents, sd_bus_message *m) {
        int r;

        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_STRUCT, contents)) > 0) {
                r = read_row(rows, m);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r;
}

int rows_read(struct rows *ret, const struct columns *columns, sd_bus_message *m) {
        char array[SIGNATURE_MAX + 3] = "(", *contents = array + 1;
        struct rows rows = { .columns = columns };
        size_t n = 0;
        int r;

        for (size_t i = 0; i < columns->n && n < SIGNATURE_MAX; i++)
                if (columns->items[i].type != COLUMN_MADE)
                        contents[n++] = columns->items[i].type;
        contents[n] = ')';
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, array);
        if (r < 0)
                return r;
        contents[n] = '\0';
        r = read_structs(&rows, contents, m);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                rows_free(&rows);
        else
                *ret = rows;
        return r < 0 ? r : 0;
}

int rows_read_one(struct rows *ret, const struct columns *columns, sd_bus_message *m) {
        struct rows rows = { .columns = columns };
        int r = read_row(&rows, m);

        if (r < 0)
                rows_free(&rows);
        else
                *ret = rows;
        return r;
}

void rows_free(struct rows *rows) {
        for (size_t i = 0; rows->columns && i < rows->n * rows->columns->n; i++)
                free(rows->cells[i]);
        free(rows->cells);
        *rows = (struct rows){ .columns = rows->columns };
}

size_t rows_add(struct rows *rows) {
        char **cells = new_row(rows);

        for (size_t i = 0; i < rows->columns->n; i++)
                cells[i] = xstrdup("");
        return rows->n - 1;
}

static char **find_cell(const struct rows *rows, size_t row, const char *key) {
        for (size_t i = 0; i < rows->columns->n; i++)
                if (strcmp(rows->columns->items[i].key, key) == 0)
                        return &rows->cells[row * rows->columns->n + i];
        abort(); /* the caller misspelt the key */
}

const char *rows_get(const struct rows *rows, size_t row, const char *key) {
        return *find_cell(rows, row, key);
}

void rows_set(struct rows *rows, size_t row, const char *key, const char *value) {
        char **cell = find_cell(rows, row, key), *copy = xstrdup(value);

        free(*cell);
        *cell = copy;
}

void rows_filter(struct rows *rows, bool (*keep)(const struct rows *, size_t, const void *), const void *userdata) {
        size_t n = rows->columns->n, kept = 0;

        for (size_t row = 0; row < rows->n; row++) {
                char **cells = rows->cells + row * n;

                if (keep(rows, row, userdata)) {
                        memmove(rows->cells + kept * n, cells, n * sizeof(*cells));
                        kept++;
                } else
                        for (size_t i = 0; i < n; i++)
                                free(cells[i]);
        }
        rows->n = kept;
}

void rows_json_one(const struct rows *rows, size_t row, struct json *j) {
        for (size_t i = 0; i < rows->columns->n; i++) {
                const struct column *column = &rows->columns->items[i];
                const char *cell = rows->cells[row * rows->columns->n + i];

                if (column->type == 's')
                        json_string(j, column->key, cell);
                else
                        json_raw(j, column->key, cell[0] ? cell : "null");
        }
}

void rows_json(const struct rows *rows, struct json *j, const char *key) {
        json_open(j, key, '[');
        for (size_t row = 0; row < rows->n; row++) {
                json_open(j, NULL, '{');
                rows_json_one(rows, row, j);
                json_close(j, '}');
        }
        json_close(j, ']');
}

void plain_pair(FILE *f, bool first, const char *key, const char *value) {
        _cleanup_free_ char *clean = clean_dup(value);
        bool quote = clean[0] == '\0' || strpbrk(clean, " \"=\\'");

        (void) fprintf(f, "%s%s=%s", first ? "" : " ", key, quote ? "\"" : "");
        for (const char *p = clean; *p; p++)
                (void) fprintf(f, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
        (void) fputs(quote ? "\"" : "", f);
}

void rows_plain_one(const struct rows *rows, size_t row, FILE *f) {
        for (size_t i = 0; i < rows->columns->n; i++)
                plain_pair(f, false, rows->columns->items[i].key, rows->cells[row * rows->columns->n + i]);
        (void) fputc('\n', f);
}

void rows_plain(const struct rows *rows, FILE *f, const char *record) {
        for (size_t row = 0; row < rows->n; row++) {
                if (record)
                        (void) fputs(record, f);
                for (size_t i = 0; i < rows->columns->n; i++)
                        plain_pair(f, i == 0 && !record, rows->columns->items[i].key, rows->cells[row * rows->columns->n + i]);
                (void) fputc('\n', f);
        }
}

static const char *show_cell(const struct column *column, const char *raw, char *buffer) {
        const char *text = column->show ? column->show(raw, buffer, SHOW_MAX) : raw;

        return text[0] ? text : "-";
}

static size_t column_width(const struct rows *rows, size_t i) {
        const struct column *column = &rows->columns->items[i];
        size_t widest = utf8_width(column->heading);
        char buffer[SHOW_MAX];

        for (size_t row = 0; row < rows->n; row++) {
                _cleanup_free_ char *clean = clean_dup(show_cell(column, rows->cells[row * rows->columns->n + i], buffer));
                size_t width = utf8_width(clean);

                widest = MAX(widest, width);
        }
        return widest;
}

static bool is_empty(const struct rows *rows, size_t i) {
        for (size_t row = 0; row < rows->n; row++)
                if (rows->cells[row * rows->columns->n + i][0])
                        return false;
        return true;
}

/* Returns true if a spare column is left out: it is empty in all rows, or there is no room for it on a narrow terminal. */
static bool is_too_much(const struct rows *rows, size_t i, size_t used, size_t width, bool narrow) {
        return narrow ? used > width + 2 : is_empty(rows, i); /* no blanks follow the last column */
}

static size_t find_column(const struct columns *columns, const char *key, size_t length) {
        for (size_t i = 0; i < columns->n; i++)
                if (strlen(columns->items[i].key) == length && strncmp(columns->items[i].key, key, length) == 0)
                        return i;
        abort(); /* the caller misspelt the key */
}

/* Chooses the columns to be shown: all that have a heading. If `width` is limited, a spare column is shown only if it is not empty
 * and there is room for it. */
static void choose_columns(const struct rows *rows, size_t width, bool *shown) {
        const struct columns *columns = rows->columns;
        _cleanup_free_ size_t *widths = must(calloc(columns->n, sizeof(*widths)));
        size_t used = 0, length;
        const char *spare, *key;

        for (size_t i = 0; i < columns->n; i++) {
                shown[i] = columns->items[i].heading;
                widths[i] = shown[i] && width < SIZE_MAX ? column_width(rows, i) + 2 : 0;
                used += widths[i];
        }
        if (width == SIZE_MAX)
                return;
        if (columns->label && is_empty(rows, find_column(columns, columns->label, strlen(columns->label)))) {
                size_t i = find_column(columns, columns->label, strlen(columns->label));

                shown[i] = false;
                used -= widths[i];
        }
        for (int narrow = 0; narrow < 2; narrow++)
                for (spare = columns->spare; (length = next_word(&spare, &key)) > 0;) {
                        size_t i = find_column(columns, key, length);

                        if (shown[i] && is_too_much(rows, i, used, width, narrow)) {
                                shown[i] = false;
                                used -= widths[i];
                        }
                }
}

void rows_table(const struct rows *rows, FILE *f, int indent, size_t width, bool color,
                enum style (*style)(const struct rows *, size_t)) {
        size_t n = rows->columns->n, count = 0;
        _cleanup_free_ const char **cells = must(calloc(n, sizeof(*cells)));
        _cleanup_free_ char(*buffers)[SHOW_MAX] = must(calloc(n, SHOW_MAX));
        _cleanup_free_ bool *shown = must(calloc(n, sizeof(*shown)));
        _cleanup_(table_free) struct table table = {};

        choose_columns(rows, width, shown);
        for (size_t i = 0; i < n; i++)
                if (shown[i])
                        cells[count++] = rows->columns->items[i].heading;
        table.n_columns = count;
        table_add(&table, cells, STYLE_HEAD);
        for (size_t row = 0; row < rows->n; row++) {
                count = 0;
                for (size_t i = 0; i < n; i++)
                        if (shown[i])
                                cells[count++] = show_cell(&rows->columns->items[i], rows->cells[row * n + i], buffers[i]);
                table_add(&table, cells, style ? style(rows, row) : STYLE_NONE);
        }
        table_print(&table, f, indent, color);
}
