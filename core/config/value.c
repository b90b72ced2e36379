/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolves one word of a profile line for one knob. value_resolve() may run for each knob at each switch, so it neither allocates
 * memory nor calls printf(). Values are not clamped: the knob does not offer a value outside its range, except above a maximum that
 * is only recommended (GOV_KNOB_SOFT_MAX). */

#include "core/config/value.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/parse.h"
#include "base/text.h"

/* Range of a unit, for knobs whose driver reports no range; 1, 0: unknown. */
static const struct {
        int64_t min, max;
} unit_ranges[GOV_UNIT_COUNT] = {
        [GOV_UNIT_TEXT] = { 1, 0 },         [GOV_UNIT_NUMBER] = { 1, 0 },    [GOV_UNIT_BOOL] = { 0, 1 },
        [GOV_UNIT_KHZ] = { 1, 0 },          [GOV_UNIT_MICROWATT] = { 1, 0 }, [GOV_UNIT_MICROSECOND] = { 1, 0 },
        [GOV_UNIT_PERCENT] = { 0, 100 },    [GOV_UNIT_LEVEL] = { 0, 1024 },  [GOV_UNIT_MICROJOULE] = { 1, 0 },
        [GOV_UNIT_MILLICELSIUS] = { 1, 0 },
};

/* HWP and CPPC represent a numeric hint in one byte. */
#define NAMED_MAX 255

struct range {
        int64_t min, max;
};

static struct range knob_range(const struct profile_knob *knob) {
        struct range range = { knob->min, knob->max };

        if (range.min > range.max && (knob->flags & GOV_KNOB_NAMED))
                range = (struct range){ 0, NAMED_MAX };
        else if (range.min > range.max && knob->unit < GOV_UNIT_COUNT)
                range = (struct range){ unit_ranges[knob->unit].min, unit_ranges[knob->unit].max };
        return range;
}

static bool is_choice(const char *choices, const char *word, size_t length) {
        while (*choices) {
                const char *end = strchrnul(choices, ' ');

                if ((size_t) (end - choices) == length && memcmp(choices, word, length) == 0)
                        return true;
                choices = *end ? end + 1 : end;
        }
        return false;
}

/* Converts a frequency of the domain's CPU to the knob's unit. */
static int cpu_number(const struct profile_knob *knob, uint64_t khz, int64_t *ret) {
        uint64_t level;

        if (khz == 0 || khz > (uint64_t) INT64_MAX)
                return -EOPNOTSUPP;
        if (knob->unit == GOV_UNIT_KHZ) {
                *ret = (int64_t) khz;
                return 0;
        }
        if (knob->unit != GOV_UNIT_LEVEL || knob->cpu->max_khz == 0)
                return -EOPNOTSUPP;
        if (__builtin_mul_overflow(khz, (uint64_t) knob->cpu->capacity, &level))
                return -EOPNOTSUPP;
        *ret = (int64_t) (level / knob->cpu->max_khz);
        return 0;
}

static int word_number(enum value_word word, const struct profile_knob *knob, struct range range, int64_t *ret) {
        switch (word) {
        case VALUE_MIN:
        case VALUE_MAX:
                if (range.min > range.max)
                        return -EOPNOTSUPP;
                *ret = word == VALUE_MIN ? range.min : range.max;
                return 0;
        case VALUE_BASE:
                return knob->cpu ? cpu_number(knob, knob->cpu->base_khz, ret) : -EOPNOTSUPP;
        case VALUE_EFFICIENT:
                return knob->cpu ? cpu_number(knob, knob->cpu->efficient_khz, ret) : -EOPNOTSUPP;
        }
        return -EOPNOTSUPP;
}

static int plain_number(const struct value *value, const struct profile_knob *knob, struct range range, int64_t *ret) {
        int64_t product;

        if (value->unit == GOV_UNIT_NUMBER || value->unit == knob->unit) {
                *ret = value->number;
                return 0;
        }
        if (value->unit != GOV_UNIT_PERCENT || range.min > range.max || range.max <= 0 || value->number < 0)
                return -EOPNOTSUPP;
        if (__builtin_mul_overflow(range.max, value->number, &product))
                return -EOPNOTSUPP;
        *ret = product / 100;
        return 0;
}

static int switch_number(const char *word, size_t length, const struct profile_knob *knob, int64_t *ret) {
        char text[8];
        bool on;

        if (knob->unit != GOV_UNIT_BOOL || length >= sizeof(text))
                return -EOPNOTSUPP;
        memcpy(text, word, length);
        text[length] = '\0';
        if (parse_bool(text, &on) < 0)
                return -EOPNOTSUPP;
        *ret = on;
        return 0;
}

static int to_number(const char *word, size_t length, const struct profile_knob *knob, struct range range, int64_t *ret) {
        struct value value;

        if (value_parse(word, length, &value) < 0)
                return -EOPNOTSUPP;
        switch (value.kind) {
        case VALUE_TEXT:
                return switch_number(word, length, knob, ret);
        case VALUE_WORD:
                return word_number(value.word, knob, range, ret);
        case VALUE_NUMBER:
                return plain_number(&value, knob, range, ret);
        }
        return -EOPNOTSUPP;
}

static int take_text(const char *word, size_t length, char *ret) {
        if (length >= GOVERNORD_VALUE_MAX)
                return -EOPNOTSUPP;
        memcpy(ret, word, length);
        ret[length] = '\0';
        return 0;
}

int value_resolve(const char *word, size_t length, const struct profile_knob *knob, char *ret) {
        bool named = knob->flags & GOV_KNOB_NAMED, listed = knob->choices[0] != '\0';
        struct range range;
        int64_t number;
        size_t n;

        if (listed && is_choice(knob->choices, word, length))
                return take_text(word, length, ret);
        if (knob->unit == GOV_UNIT_TEXT && !listed)
                return take_text(word, length, ret);
        if (knob->unit == GOV_UNIT_TEXT && !named)
                return -EOPNOTSUPP;
        range = knob_range(knob);
        if (to_number(word, length, knob, range, &number) < 0)
                return -EOPNOTSUPP;
        if (range.min <= range.max && (number < range.min || (number > range.max && !(knob->flags & GOV_KNOB_SOFT_MAX))))
                return -EOPNOTSUPP;
        n = number_format(ret, number);
        return listed && !named && !is_choice(knob->choices, ret, n) ? -EOPNOTSUPP : 0;
}

void value_format_offer(const struct profile_knob *knob, const char *unit, char *ret, size_t size) {
        struct range range = knob_range(knob);
        const char *blank = unit[0] ? " " : "";

        ret[0] = '\0';
        if (knob->choices[0])
                (void) text_format(ret, size, "only %s", knob->choices);
        else if (knob->unit == GOV_UNIT_TEXT || range.min > range.max)
                return;
        else if (knob->unit == GOV_UNIT_BOOL && range.min == 0 && range.max == 1)
                (void) text_format(ret, size, "only on or off");
        else if (knob->flags & GOV_KNOB_SOFT_MAX)
                (void) text_format(ret, size, "only %" PRId64 "%s%s and more", range.min, blank, unit);
        else
                (void) text_format(ret, size, "only from %" PRId64 " to %" PRId64 "%s%s", range.min, range.max, blank, unit);
}

bool value_equal(const char *wanted, size_t length, const char *current) {
        struct value value;
        int64_t number;

        if (strlen(current) == length && memcmp(current, wanted, length) == 0)
                return true;
        return parse_i64(current, &number) == 0 && value_parse(wanted, length, &value) == 0 && value.kind == VALUE_NUMBER &&
               value.number == number;
}
