/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean ...?": the nearest known word. Only for messages: nothing is ever accepted because it is near. There is
 * no guess for long or very short words. */

#include "base/suggest.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

#define WORD_MAX 31

static unsigned letter(char c) {
        return (unsigned) tolower((unsigned char) c);
}

/* Levenshtein's table, one row at a time. */
unsigned suggest_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
        unsigned row[WORD_MAX + 1];

        if (a_length > WORD_MAX || b_length > WORD_MAX)
                return 99;
        for (unsigned j = 0; j <= b_length; j++)
                row[j] = j;
        for (unsigned i = 1; i <= a_length; i++) {
                unsigned diagonal = row[0];

                row[0] = i;
                for (unsigned j = 1; j <= b_length; j++) {
                        unsigned swap = diagonal + (letter(a[i - 1]) != letter(b[j - 1]));

                        diagonal = row[j];
                        row[j] = MIN(swap, MIN(row[j], row[j - 1]) + 1);
                }
        }
        return row[b_length];
}

const char *suggest(char *ret, const char *word, const char *list) {
        size_t length = strlen(word), best_length = 0, n;
        unsigned best = length > 3 ? 3 : length > 1 ? 2 : 1; /* slips allowed, and one */
        const char *w, *found = NULL;

        while ((n = next_word(&list, &w)) > 0) {
                unsigned distance = suggest_distance(word, length, w, n);

                if (distance < best) {
                        best = distance;
                        found = w;
                        best_length = n;
                }
        }
        ret[0] = '\0';
        if (found)
                (void) text_format(ret, SUGGEST_MAX, ", did you mean \"%.*s\"?", (int) best_length, found);
        return ret;
}
