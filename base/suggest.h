/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* Finds the words of the blank-separated `list` of which `word` may be a misspelling (at most two wrong letters, or one if it has
 * two or three letters; case is ignored), or the short or long form ("perf", "max-frequency"). Writes the nearest one, or up to three that are equally near, to `ret` (SUGGEST_MAX
 * bytes) as ", did you mean \"x\" or \"y\"?"; "" if there is none. Returns `ret`, for use as an argument of printf(). */
#define SUGGEST_MAX 160
const char *suggest(char *ret, const char *word, const char *list);

/* The same, but with one call for each known word. The texts are not copied and must stay valid. */
struct suggestion {
        const char *word;
        unsigned distance, n;
        struct {
                const char *text;
                size_t length;
        } near[3];
};
void suggestion_consider(struct suggestion *suggestion, const char *known, size_t length);
const char *suggestion_format(const struct suggestion *suggestion, char *ret);

/* Returns how many letters must be changed, added, removed or swapped with their neighbour to convert one word to the other; case
 * is ignored. A result above SUGGEST_SLIPS_MAX may be too low. For words that are too long, the result is 99. */
#define SUGGEST_SLIPS_MAX 2
unsigned suggest_distance(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
