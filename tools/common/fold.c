/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folds rows for tables and messages, since a machine with 192 CPUs may have 192 equal lines. Rows are folded if they are equal in
 * all columns that have a heading, except the domain, and their domains are of one kind. Two rows of the same domain, for two parts
 * of it, stay separate. */

#include "tools/common/fold.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/xalloc.h"

/* A set with more ranges is shown as its first and last member and the number of members. */
#define RUNS_MAX 4

static size_t prefix_length(const char *domain) {
        size_t n = strlen(domain);

        while (n > 0 && isdigit((unsigned char) domain[n - 1]))
                n--;
        return n;
}

static bool same_kind(const char *a, const char *b) {
        size_t n = prefix_length(a);

        return n == prefix_length(b) && strncmp(a, b, n) == 0;
}

/* Compares the texts in the form shown, so that two times within the same second are equal. */
static bool cell_equal(const struct column *column, const char *a, const char *b) {
        char buffers[2][64];

        if (!column->heading || strcmp(column->key, "domain") == 0 || strcmp(a, b) == 0)
                return true;
        return column->show &&
               strcmp(column->show(a, buffers[0], sizeof(buffers[0])), column->show(b, buffers[1], sizeof(buffers[1]))) == 0;
}

static bool row_equal(const struct rows *rows, size_t a, size_t b) {
        size_t n = rows->columns->n;

        if (!same_kind(rows_get(rows, a, "domain"), rows_get(rows, b, "domain")))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!cell_equal(&rows->columns->items[i], rows->cells[a * n + i], rows->cells[b * n + i]))
                        return false;
        return true;
}

static int by_number(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

static size_t count_runs(const uint32_t *numbers, size_t n) {
        size_t runs = 1;

        for (size_t i = 1; i < n; i++)
                runs += numbers[i] > numbers[i - 1] + 1;
        return runs;
}

static void print_runs(FILE *f, const char *prefix, int length, const uint32_t *numbers, size_t n) {
        for (size_t i = 0, end; i < n; i = end) {
                for (end = i + 1; end < n && numbers[end] <= numbers[end - 1] + 1;)
                        end++;
                (void) fprintf(f, "%s%.*s%u", i > 0 ? "," : "", length, prefix, numbers[i]);
                if (end - i > 1)
                        (void) fprintf(f, "-%.*s%u", length, prefix, numbers[end - 1]);
        }
}

/* Returns the name of a set of domains: "policy0-policy7,policy12", or for more than RUNS_MAX ranges "policy0..policy94 (48)". */
static char *name_of_set(const char *domain, uint32_t *numbers, size_t n) {
        int length = (int) prefix_length(domain);
        char *text = NULL;
        size_t size = 0;
        FILE *f = must(open_memstream(&text, &size));

        qsort(numbers, n, sizeof(*numbers), by_number);
        if (count_runs(numbers, n) <= RUNS_MAX)
                print_runs(f, domain, length, numbers, n);
        else
                (void) fprintf(f, "%.*s%u..%.*s%u (%zu)", length, domain, numbers[0], length, domain, numbers[n - 1], n);
        (void) fclose(f);
        return must(text);
}

static bool is_left(const struct rows *rows, size_t row, const void *userdata) {
        const bool *left = userdata;

        (void) rows;
        return left[row];
}

static bool contains(const uint32_t *numbers, size_t n, uint32_t number) {
        for (size_t i = 0; i < n; i++)
                if (numbers[i] == number)
                        return true;
        return false;
}

/* Clears left[] of the later rows that are folded into `row`, and sets the domain of `row` to the name of the set of all their
 * domains. */
static void fold_row(struct rows *rows, size_t row, bool *left, uint32_t *numbers) {
        _cleanup_free_ char *domain = xstrdup(rows_get(rows, row, "domain")), *name = NULL;
        size_t n = 1;

        if (parse_u32(domain + prefix_length(domain), &numbers[0]) < 0)
                return;
        for (size_t i = row + 1; i < rows->n; i++) {
                const char *other = rows_get(rows, i, "domain");
                uint32_t number;

                if (!left[i] || !row_equal(rows, row, i) || parse_u32(other + prefix_length(other), &number) < 0 ||
                    contains(numbers, n, number))
                        continue;
                numbers[n++] = number;
                left[i] = false;
        }
        if (n > 1) {
                name = name_of_set(domain, numbers, n);
                rows_set(rows, row, "domain", name);
        }
}

/* rows_filter() moves rows, but calls is_left() with the old row numbers, by which `left` is indexed. */
void fold_domains(struct rows *rows) {
        _cleanup_free_ bool *left = must(malloc(rows->n + 1));
        _cleanup_free_ uint32_t *numbers = must(calloc(rows->n + 1, sizeof(*numbers)));

        memset(left, true, rows->n + 1);
        for (size_t row = 0; row < rows->n; row++)
                if (left[row])
                        fold_row(rows, row, left, numbers);
        rows_filter(rows, is_left, left);
}
