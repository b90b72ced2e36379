/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal numbers with a fraction, without floating point: 2.4GHz is exactly 2400000 kHz. Results are never rounded, and an
 * overflow is an error. */

#include "base/number.h"

#include <errno.h>

/* Enough for 1 Hz in GHz. */
#define FRACTION_DIGITS_MAX 9

int number_take(const char **p, const char *end, uint64_t *ret) {
        const char *digits = *p;
        uint64_t value = 0;
        bool fits = true;

        for (; *p != end && **p >= '0' && **p <= '9'; (*p)++)
                fits = fits && !__builtin_mul_overflow(value, UINT64_C(10), &value) &&
                       !__builtin_add_overflow(value, (uint64_t) (**p - '0'), &value);
        if (*p == digits)
                return -EINVAL;
        if (!fits)
                return -ERANGE;
        *ret = value;
        return 0;
}

static int take_fraction(const char **p, const char *end, struct number_text *number) {
        const char *digits = *p;
        int r = number_take(p, end, &number->fraction);

        if (r < 0 || *p - digits > FRACTION_DIGITS_MAX)
                return -ERANGE;
        for (; digits < *p; digits++)
                number->fraction_unit *= 10;
        return 0;
}

int number_split(const char *text, size_t length, struct number_text *ret) {
        const char *p = text, *end = text + length;
        struct number_text number = { .fraction_unit = 1 };
        int r;

        if (p < end && *p == '-') {
                number.negative = true;
                p++;
        }
        r = number_take(&p, end, &number.whole);
        if (r < 0)
                return r;
        if (number.whole > (uint64_t) INT64_MAX)
                return -ERANGE;
        if (end - p > 1 && p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
                p++;
                r = take_fraction(&p, end, &number);
                if (r < 0)
                        return r;
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
