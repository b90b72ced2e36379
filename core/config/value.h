/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/config/profile.h"

/*
 * One word of a profile line, e.g. "powersave", "15", "2400MHz", "2.4GHz", "80%", "efficient", and what it means for one knob.
 *
 *   text     anything else: one of the knob's choices
 *   number   digits, with '-' before and a fraction behind if wanted, and a suffix: kHz MHz GHz, uW mW W, us ms s, %. Without a
 *            suffix it is in the knob's own unit
 *   word     min, max: the ends of the knob's range. base, efficient: that frequency (or its level) of the domain's first CPU
 *
 * N% of a knob that does not itself count in percent is N hundredths of the upper end of its range, rounded down.
 */

enum value_word { VALUE_MIN, VALUE_MAX, VALUE_BASE, VALUE_EFFICIENT };
enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_WORD };

struct value {
        enum value_kind kind;
        enum value_word word;
        uint32_t unit;  /* of a number: GOV_UNIT_*; GOV_UNIT_NUMBER without suffix */
        int64_t number; /* in that unit */
};

/* Takes a word apart. 0, -EINVAL: a number with an unknown suffix or with a fraction but no unit, -ERANGE: too large, -EDOM: finer
 * than the unit's smallest step. */
int value_parse(const char *word, size_t length, struct value *ret);
/* Sentence for people about what value_parse() refused, "" after 0. Returns `ret`. */
const char *value_reason(int r, const char *word, size_t length, char *ret, size_t size);

/* The suffix that a word is, in whatever letters: "GHz" for "ghz"; NULL when it is none. */
const char *value_suffix(const char *word, size_t length);

/* What to write to `knob` for `word`; `ret` has GOVERNORD_VALUE_MAX bytes. 0, or -EOPNOTSUPP: not on offer here. */
int value_resolve(const char *word, size_t length, const struct profile_knob *knob, char *ret);

/* What the knob takes, for people: "only 0 1 2", or "only from 400000 to 4400000 kHz"; "" where that is not known. */
void value_format_offer(const struct profile_knob *knob, const char *unit, char *ret, size_t size);
/* True if both are the same text or the same number. `wanted` may carry a suffix, `current` is what a knob reads. */
bool value_equal(const char *wanted, size_t length, const char *current);

#endif
