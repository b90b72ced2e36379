/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number as people write it, taken apart at text[0..length): sign, digits, fraction, and what comes behind. */
struct number_text {
        bool negative;
        uint64_t whole;
        uint64_t fraction;      /* its digits as a number ... */
        uint64_t fraction_unit; /* ... and 10 to their count; 1 without a fraction */
        const char *suffix;     /* points into the text */
        size_t suffix_length;
};

/* Reads the decimal digits at *p, at most up to `end` (NULL: the text ends with a NUL), and moves *p behind them. 0; -EINVAL: no digit; -ERANGE: does
 * not fit. *ret is untouched on error. */
int number_take(const char **p, const char *end, uint64_t *ret);
/* 0; -EINVAL: does not begin with a digit or "-" and a digit; -ERANGE: does not fit. */
int number_split(const char *text, size_t length, struct number_text *ret);
/* (whole + fraction) * scale. 0; -ERANGE; -EDOM: not a whole number. */
int number_scale(const struct number_text *number, uint64_t scale, int64_t *ret);
/* Decimal digits and a NUL; `ret` has 21 bytes or more. Returns the length. */
size_t number_format(char *ret, int64_t number);

#endif
