/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/config/profile.h"

/*
 * One word of a profile line, e.g. "powersave", "15", "2400MHz", "2.4GHz", "80%", "efficient", and its meaning for one knob.
 *
 *   text     any other word: one of the knob's choices; on, off, yes, no, true or false for a switch; any text for a knob of texts
 *            without choices
 *   number   digits, optionally with '-' before and a fraction after them, and a suffix: kHz MHz GHz, uW mW W, us ms s, %.
 *            Without a suffix the number is in the unit of the knob
 *   word     min, max: the ends of the knob's range. base, efficient: that frequency of the domain's first CPU, or its level
 *
 * For a knob whose unit is not percent, N% means N hundredths of the upper end of its range, rounded down.
 */

enum value_word { VALUE_MIN, VALUE_MAX, VALUE_BASE, VALUE_EFFICIENT };
enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_WORD };

struct value {
        enum value_kind kind;
        enum value_word word;
        uint32_t unit;  /* of a number: GOV_UNIT_*; GOV_UNIT_NUMBER if it has no suffix */
        int64_t number; /* in that unit */
};

/* Parses a word. Returns 0; -EINVAL: a number with an unknown suffix; -ERANGE: too large, or more than nine digits of a fraction;
 * -EDOM: not a whole number (with a suffix: of kHz, uW, us or percent). */
int value_parse(const char *word, size_t length, struct value *ret);
/* Describes an error of value_parse(), for messages; "" for 0. Returns `ret`. */
const char *value_reason(int r, const char *word, size_t length, char *ret, size_t size);

/* Returns the suffix that equals the word, regardless of case ("GHz" for "ghz"), or NULL if there is none. */
const char *value_suffix(const char *word, size_t length);

/* Converts `word` to the value to write to `knob`; `ret` has GOVERNORD_VALUE_MAX bytes. Returns 0, or -EOPNOTSUPP if the knob does
 * not offer the value. */
int value_resolve(const char *word, size_t length, const struct profile_knob *knob, char *ret);

/* Formats the values that the knob accepts, for messages: "only 0 1 2", or "only from 400000 to 4400000 kHz"; "" if they are
 * unknown. */
void value_format_offer(const struct profile_knob *knob, const char *unit, char *ret, size_t size);
/* Returns true if both are the same text or the same number. `wanted` may have a suffix; `current` is a value read from a knob. */
bool value_equal(const char *wanted, size_t length, const char *current);

#endif
