/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean ...?": finds the nearest known words. They are only shown in messages: a similar word is never accepted instead of
 * the correct one. There are no suggestions for words of more than WORD_MAX bytes, and a single letter is only corrected to the
 * other case. */

#include "base/suggest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

#define WORD_MAX         31
#define ABBREVIATION_MIN 3

static unsigned letter(char c) {
        return (unsigned) tolower((unsigned char) c);
}

/* Optimal string alignment: row i of the table needs the two rows before it. */
unsigned suggest_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
        unsigned rows[3][WORD_MAX + 1];
        size_t apart = MAX(a_length, b_length) - MIN(a_length, b_length);

        if (a_length > WORD_MAX || b_length > WORD_MAX)
                return 99;
        if (apart > SUGGEST_SLIPS_MAX) /* a fast result for most pairs of words */
                return (unsigned) apart;
        for (unsigned j = 0; j <= b_length; j++)
                rows[0][j] = j;
        for (unsigned i = 1; i <= a_length; i++) {
                const unsigned *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
                unsigned *row = rows[i % 3];

                row[0] = i;
                for (unsigned j = 1; j <= b_length; j++) {
                        unsigned change = above[j - 1] + (letter(a[i - 1]) != letter(b[j - 1]));

                        row[j] = MIN(change, MIN(above[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) && letter(a[i - 2]) == letter(b[j - 1]))
                                row[j] = MIN(row[j], two_above[j - 2] + 1);
                }
        }
        return rows[a_length % 3][b_length];
}

static bool is_near(const struct suggestion *suggestion, const char *known, size_t length) {
        for (unsigned i = 0; i < suggestion->n; i++)
                if (suggestion->near[i].length == length && memcmp(suggestion->near[i].text, known, length) == 0)
                        return true;
        return false;
}

/* Returns true if one of the words begins with the other, which has at least three letters. "intel" is not a short form of
 * "intel.pl1". */
static bool is_abbreviated(const char *a, size_t a_length, const char *b, size_t b_length) {
        size_t length = MIN(a_length, b_length);
        const char *longer = a_length > b_length ? a : b;

        return length >= ABBREVIATION_MIN && MAX(a_length, b_length) <= WORD_MAX && strncasecmp(a, b, length) == 0 &&
               (a_length == b_length || longer[length] != '.');
}

void suggestion_consider(struct suggestion *suggestion, const char *known, size_t length) {
        size_t word_length = strlen(suggestion->word);
        unsigned distance = suggest_distance(suggestion->word, word_length, known, length);
        unsigned slips = word_length > 3 ? SUGGEST_SLIPS_MAX : word_length > 1;

        if (distance > slips && is_abbreviated(suggestion->word, word_length, known, length))
                slips = distance = SUGGEST_SLIPS_MAX + 1; /* a word with wrong letters is nearer */
        if (distance > slips || (suggestion->n > 0 && distance > suggestion->distance))
                return;
        if (distance < suggestion->distance)
                suggestion->n = 0;
        suggestion->distance = distance;
        if (suggestion->n == ARRAY_SIZE(suggestion->near) || is_near(suggestion, known, length))
                return;
        suggestion->near[suggestion->n].text = known;
        suggestion->near[suggestion->n++].length = length;
}

const char *suggestion_format(const struct suggestion *suggestion, char *ret) {
        char words[SUGGEST_MAX] = "";

        ret[0] = '\0';
        for (unsigned i = 0; i < suggestion->n; i++) {
                const char *separator = i == 0 ? "" : i + 1 < suggestion->n ? ", " : " or ";
                size_t used = strlen(words);

                (void) text_format(words + used, sizeof(words) - used, "%s\"%.*s\"", separator, (int) suggestion->near[i].length,
                                   suggestion->near[i].text);
        }
        if (words[0])
                (void) text_format(ret, SUGGEST_MAX, ", did you mean %s?", words);
        return ret;
}

const char *suggest(char *ret, const char *word, const char *list) {
        struct suggestion suggestion = { .word = word };
        const char *known;
        size_t length;

        while ((length = next_word(&list, &known)) > 0)
                suggestion_consider(&suggestion, known, length);
        return suggestion_format(&suggestion, ret);
}
