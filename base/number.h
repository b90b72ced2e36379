/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A decimal number, split into sign, digits, fraction and suffix. */
struct number_text {
        bool negative;
        uint64_t whole;
        uint64_t fraction;      /* digits of the fraction, as a number */
        uint64_t fraction_unit; /* 10 to the power of the number of these digits; 1 without a fraction */
        const char *suffix;     /* points into the text */
        size_t suffix_length;
};

/* Reads the decimal digits at *p, at most up to `end` (NULL: the text ends with a NUL), and sets *p to the first character after
 * them. Returns 0; -EINVAL if there is no digit; -ERANGE if the number does not fit. After an error *ret is unchanged. */
int number_take(const char **p, const char *end, uint64_t *ret);
/* Splits a text. Returns 0; -EINVAL if it does not begin with a digit, or "-" and a digit; -ERANGE if a number does not fit, or if
 * the fraction has more than nine digits. */
int number_split(const char *text, size_t length, struct number_text *ret);
/* Calculates (whole + fraction / fraction_unit) * scale, negative if `negative` is set. Returns 0; -ERANGE if the result or an
 * intermediate product does not fit; -EDOM if the result is not a whole number. */
int number_scale(const struct number_text *number, uint64_t scale, int64_t *ret);
/* Formats a number as decimal digits and a NUL. `ret` must have at least 21 bytes. Returns the length. */
size_t number_format(char *ret, int64_t number);

#endif
