/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the written form of a value, independently of knobs: a text, a number with suffix, or a word. Digits followed by letters
 * that are no suffix are an error; otherwise "35w" would be a text, which no knob offers. */

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/value.h"

#define SUFFIX_WORDS "kHz MHz GHz uW mW W us ms s %"

static const struct {
        const char *suffix;
        uint32_t unit;
        uint64_t scale; /* factor to the unit of knobs */
} suffixes[] = {
        { "%", GOV_UNIT_PERCENT, 1 },           { "kHz", GOV_UNIT_KHZ, 1 },        { "MHz", GOV_UNIT_KHZ, 1000 },
        { "GHz", GOV_UNIT_KHZ, 1000000 },       { "uW", GOV_UNIT_MICROWATT, 1 },   { "mW", GOV_UNIT_MICROWATT, 1000 },
        { "W", GOV_UNIT_MICROWATT, 1000000 },   { "us", GOV_UNIT_MICROSECOND, 1 }, { "ms", GOV_UNIT_MICROSECOND, 1000 },
        { "s", GOV_UNIT_MICROSECOND, 1000000 },
};

static const struct {
        const char *text;
        enum value_word word;
} words[] = {
        { "min", VALUE_MIN },
        { "max", VALUE_MAX },
        { "base", VALUE_BASE },
        { "efficient", VALUE_EFFICIENT },
};

static bool span_is(const char *span, size_t length, const char *text) {
        return strlen(text) == length && memcmp(span, text, length) == 0;
}

const char *value_suffix(const char *word, size_t length) {
        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
                if (strlen(suffixes[i].suffix) == length && strncasecmp(word, suffixes[i].suffix, length) == 0)
                        return suffixes[i].suffix;
        return NULL;
}

/* Returns true if there are only letters and '%', which are meant as a suffix. "3d_screen" and "2-4" are texts. */
static bool looks_like_suffix(const char *span, size_t length) {
        for (size_t i = 0; i < length; i++)
                if (!((span[i] | 0x20) >= 'a' && (span[i] | 0x20) <= 'z') && span[i] != '%')
                        return false;
        return true;
}

static int parse_number(const struct number_text *number, struct value *ret) {
        uint64_t scale = 0;
        int r;

        if (number->suffix_length == 0) {
                ret->unit = GOV_UNIT_NUMBER;
                scale = 1;
        }
        for (size_t i = 0; scale == 0 && i < ARRAY_SIZE(suffixes); i++)
                if (span_is(number->suffix, number->suffix_length, suffixes[i].suffix)) {
                        ret->unit = suffixes[i].unit;
                        scale = suffixes[i].scale;
                }
        if (scale == 0)
                return -EINVAL;
        r = number_scale(number, scale, &ret->number);
        if (r == 0)
                ret->kind = VALUE_NUMBER;
        return r;
}

int value_parse(const char *word, size_t length, struct value *ret) {
        struct value value = { .kind = VALUE_TEXT };
        struct number_text number;
        int r = number_split(word, length, &number);

        if (r == -ERANGE)
                return r;
        if (r == 0 && looks_like_suffix(number.suffix, number.suffix_length)) {
                r = parse_number(&number, &value);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; r == -EINVAL && i < ARRAY_SIZE(words); i++)
                if (span_is(word, length, words[i].text)) {
                        value.kind = VALUE_WORD;
                        value.word = words[i].word;
                }
        *ret = value;
        return 0;
}

const char *value_reason(int r, const char *word, size_t length, char *ret, size_t size) {
        char hint[SUGGEST_MAX], suffix[16] = "";
        struct number_text number;
        int shown = (int) MIN(length, (size_t) 40);

        if (r == -ERANGE)
                (void) text_format(ret, size, "%.*s is too large, or has too many digits", shown, word);
        else if (r == -EDOM)
                (void) text_format(ret, size, "%.*s is not a whole number in the unit of the knob (kHz, uW, us, percent or none)",
                                   shown, word);
        else if (r < 0 && number_split(word, length, &number) == 0) {
                (void) TEXT_FORMAT(suffix, "%.*s", (int) MIN(number.suffix_length, sizeof(suffix) - 1), number.suffix);
                (void) text_format(ret, size, "unknown suffix in %.*s (valid: %s)%s", shown, word, SUFFIX_WORDS,
                                   suggest(hint, suffix, SUFFIX_WORDS));
        } else
                ret[0] = '\0';
        return ret;
}
