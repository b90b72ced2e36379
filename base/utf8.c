/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks texts that will be shown on the bus, which refuses whole messages over one bad byte. Overlong forms, surrogates and
 * numbers above U+10FFFF are refused, as D-Bus refuses them. */

#include "base/utf8.h"

#include <stdint.h>

/* Length of the sequence that `first` begins, 0 when none can; *ret_bits: what of the number is in it, *ret_least: the smallest
 * number that needs this length. */
static size_t sequence(uint8_t first, uint32_t *ret_bits, uint32_t *ret_least) {
        static const struct {
                uint8_t mask, mark;
                uint32_t least;
        } forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
                if ((first & forms[i].mask) == forms[i].mark) {
                        *ret_bits = first & (uint8_t) ~forms[i].mask;
                        *ret_least = forms[i].least;
                        return i + 1;
                }
        return 0;
}

static bool is_allowed(uint32_t number, uint32_t least) {
        if (number < least || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff))
                return false;
        return number == '\t' || (number >= 0x20 && (number < 0x7f || number > 0x9f));
}

bool utf8_is_text(const char *text, size_t length) {
        const uint8_t *p = (const uint8_t *) text;

        for (size_t i = 0; i < length;) {
                uint32_t number, least;
                size_t n = sequence(p[i], &number, &least);

                if (n == 0 || n > length - i)
                        return false;
                for (size_t j = 1; j < n; j++) {
                        if ((p[i + j] & 0xc0) != 0x80)
                                return false;
                        number = number << 6 | (p[i + j] & 0x3f);
                }
                if (!is_allowed(number, least))
                        return false;
                i += n;
        }
        return true;
}
