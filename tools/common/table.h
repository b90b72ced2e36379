/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style { STYLE_NONE, STYLE_GOOD, STYLE_WARN, STYLE_BAD, STYLE_DIM, STYLE_HEAD };

/* Returns the escape sequence that begins a style, or for STYLE_NONE ends any style; "" without `color`. */
const char *style_code(enum style style, bool color);

/* Rows of text in aligned columns. Unsafe characters of cells are escaped when the cells are added (clean_dup()). */
struct table {
        size_t n_columns, n_rows, room;
        char **cells;       /* row by row; the headings are row 0 */
        enum style *styles; /* one for each row */
};

void table_add(struct table *t, const char *const *cells, enum style style);
/* Prints the table with two blanks between columns and `indent` blanks before each row. Lines do not end with blanks. */
void table_print(const struct table *t, FILE *f, int indent, bool color);
void table_free(struct table *t);

#endif
