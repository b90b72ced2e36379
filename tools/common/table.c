/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints aligned columns on a terminal. Lines are neither wrapped nor truncated, even if they are longer than the terminal is wide. */

#include "tools/common/table.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

static const char *const codes[] = {
        [STYLE_NONE] = "\x1b[0m", [STYLE_GOOD] = "\x1b[32m", [STYLE_WARN] = "\x1b[33m",
        [STYLE_BAD] = "\x1b[31m", [STYLE_DIM] = "\x1b[2m",   [STYLE_HEAD] = "\x1b[1m",
};

const char *style_code(enum style style, bool color) {
        return color ? codes[style] : "";
}

void table_add(struct table *t, const char *const *cells, enum style style) {
        if (t->n_rows == t->room) {
                t->room = t->room ? t->room * 2 : 32;
                t->cells = must(reallocarray(t->cells, t->room * t->n_columns, sizeof(*t->cells)));
                t->styles = must(reallocarray(t->styles, t->room, sizeof(*t->styles)));
        }
        for (size_t i = 0; i < t->n_columns; i++)
                t->cells[t->n_rows * t->n_columns + i] = clean_dup(cells[i]);
        t->styles[t->n_rows++] = style;
}

static void measure(const struct table *t, size_t *widths) {
        for (size_t i = 0; i < t->n_rows * t->n_columns; i++) {
                size_t width = utf8_width(t->cells[i]);

                widths[i % t->n_columns] = MAX(widths[i % t->n_columns], width);
        }
}

/* Blanks are printed only before the next text, so that no line ends with blanks. */
static void print_row(const struct table *t, size_t row, const size_t *widths, FILE *f) {
        size_t owed = 0;

        for (size_t i = 0; i < t->n_columns; i++) {
                const char *cell = t->cells[row * t->n_columns + i];

                if (cell[0]) {
                        (void) fprintf(f, "%*s%s", (int) owed, "", cell);
                        owed = 0;
                }
                owed += widths[i] - utf8_width(cell) + 2;
        }
}

void table_print(const struct table *t, FILE *f, int indent, bool color) {
        _cleanup_free_ size_t *widths = must(calloc(t->n_columns, sizeof(*widths)));

        measure(t, widths);
        for (size_t row = 0; row < t->n_rows; row++) {
                bool styled = color && t->styles[row] != STYLE_NONE;

                (void) fprintf(f, "%*s%s", indent, "", styled ? codes[t->styles[row]] : "");
                print_row(t, row, widths, f);
                (void) fprintf(f, "%s\n", styled ? codes[STYLE_NONE] : "");
        }
}

void table_free(struct table *t) {
        for (size_t i = 0; i < t->n_rows * t->n_columns; i++)
                free(t->cells[i]);
        free(t->cells);
        free(t->styles);
        *t = (struct table){ .n_columns = t->n_columns };
}
