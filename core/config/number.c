/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal numbers with a fraction, exactly: no floating point, so 2.4GHz is 2400000 kHz and nothing beside it. It never
 * rounds or wraps around. */

#include "core/config/number.h"

#include <errno.h>

/* Enough for 1 Hz in GHz. */
#define FRACTION_UNIT_MAX UINT64_C(1000000000)

static bool take_digit(const char **p, const char *end, uint64_t *value) {
        if (*p == end || **p < '0' || **p > '9')
                return false;
        if (__builtin_mul_overflow(*value, UINT64_C(10), value) || __builtin_add_overflow(*value, (uint64_t) (**p - '0'), value))
                *value = UINT64_MAX; /* stays there: caught below */
        (*p)++;
        return true;
}

int number_split(const char *text, size_t length, struct number_text *ret) {
        const char *p = text, *end = text + length, *digits;
        struct number_text number = { .fraction_unit = 1 };

        if (p < end && *p == '-') {
                number.negative = true;
                p++;
        }
        digits = p;
        while (take_digit(&p, end, &number.whole))
                if (number.whole > (uint64_t) INT64_MAX)
                        return -ERANGE;
        if (p == digits)
                return -EINVAL;
        if (end - p > 1 && p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
                p++;
                while (take_digit(&p, end, &number.fraction)) {
                        if (number.fraction_unit == FRACTION_UNIT_MAX)
                                return -ERANGE;
                        number.fraction_unit *= 10;
                }
        }
        number.suffix = p;
        number.suffix_length = (size_t) (end - p);
        *ret = number;
        return 0;
}

int number_scale(const struct number_text *number, uint64_t scale, int64_t *ret) {
        uint64_t value, part;

        if (__builtin_mul_overflow(number->whole, scale, &value) || __builtin_mul_overflow(number->fraction, scale, &part))
                return -ERANGE;
        if (part % number->fraction_unit != 0)
                return -EDOM;
        if (__builtin_add_overflow(value, part / number->fraction_unit, &value) || value > (uint64_t) INT64_MAX)
                return -ERANGE;
        *ret = number->negative ? -(int64_t) value : (int64_t) value;
        return 0;
}

size_t number_format(char *ret, int64_t number) {
        uint64_t rest = number < 0 ? -(uint64_t) number : (uint64_t) number;
        char digits[20];
        size_t n = 0, length = 0;

        do
                digits[n++] = (char) ('0' + rest % 10);
        while ((rest /= 10) > 0);
        if (number < 0)
                ret[length++] = '-';
        while (n > 0)
                ret[length++] = digits[--n];
        ret[length] = '\0';
        return length;
}
