/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style { STYLE_NONE, STYLE_GOOD, STYLE_WARN, STYLE_BAD, STYLE_DIM, STYLE_HEAD };

/* The escape sequence that begins a style; "" without `color`. That of STYLE_NONE ends a style. */
const char *style_code(enum style style, bool color);

/* Rows of text in aligned columns. Cells are cleaned when they are added. */
struct table {
        size_t n_columns, n_rows, room;
        char **cells;       /* row by row; the headings are row 0 */
        enum style *styles; /* one for each row */
};

void table_add(struct table *t, const char *const *cells, enum style style);
/* Two blanks between columns, `indent` before each row, no blanks at the end of lines. */
void table_print(const struct table *t, FILE *f, int indent, bool color);
void table_free(struct table *t);

#endif
