/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses one line of a profile: "[DRIVER.]KNOB[@CONDITION...] = VALUE... [(VALUE...)]". Any well-formed name of a knob is accepted,
 * since the knobs are known only after the drivers are loaded. Other text that is not valid, or obviously not intended, is an
 * error. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/condition.h"
#include "core/config/value.h"

#define KEY_MAX         192
#define VALUES_MAX      256
#define NAME_MAX_LENGTH 63

struct reason {
        char *text;
        size_t size;
};

#define REFUSE(reason, ...) ((void) text_format((reason)->text, (reason)->size, __VA_ARGS__), -EINVAL)

static bool is_name(const char *text) {
        size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.");

        return length > 0 && text[length] == '\0' && length <= NAME_MAX_LENGTH && text[0] != '.' && text[0] != '-' &&
               text[length - 1] != '.' && strchr(text, '.') == strrchr(text, '.');
}

static int parse_name(char *name, struct profile_line *line, struct reason *reason) {
        char *dot;

        if (!is_name(name))
                return REFUSE(reason,
                              "\"%.64s\" is not a valid name: use KNOB or DRIVER.KNOB, with lower-case letters, digits and \"-\"",
                              name);
        dot = strchr(name, '.');
        if (dot) {
                *dot = '\0';
                line->driver = text_intern(name);
                name = dot + 1;
        }
        line->knob = text_intern(name);
        return line->knob && (!dot || line->driver) ? 0 : -ENOMEM;
}

static int check_condition(const struct profile_line *line, const struct condition *added, const char *word,
                           struct reason *reason) {
        for (uint32_t i = 0; i < line->n_conditions; i++) {
                if (condition_compare(&line->conditions[i], added) == 0)
                        return REFUSE(reason, "condition @%.64s is repeated", word);
                if (condition_excludes(&line->conditions[i], added))
                        return REFUSE(reason, "@%.64s can never be true at the same time as the preceding conditions", word);
        }
        if (line->n_conditions == LINE_CONDITIONS_MAX)
                return REFUSE(reason, "a line can have at most %d conditions", LINE_CONDITIONS_MAX);
        return 0;
}

static int add_condition(const char *word, struct profile_line *line, struct reason *reason) {
        struct condition condition;
        char hint[SUGGEST_MAX];
        int r = condition_parse(word, &condition);

        if (r == -ERANGE)
                return REFUSE(reason, "@%.64s: the percentage must be from 1 to 100", word);
        if (r == -EINVAL)
                return REFUSE(reason, "unknown condition @%.64s%s", word, suggest(hint, word, condition_words));
        if (r == 0)
                r = check_condition(line, &condition, word, reason);
        if (r == 0)
                line->conditions[line->n_conditions++] = condition;
        return r;
}

static int parse_key(const char *key, struct profile_line *line, struct reason *reason) {
        char buffer[KEY_MAX], *rest = buffer, *name;
        int r;

        if (TEXT_FORMAT(buffer, "%s", key) < 0)
                return REFUSE(reason, "the text before \"=\" is longer than %d bytes", KEY_MAX - 1);
        for (const char *p = strchr(key, '@'); p; p = strchr(p + 1, '@'))
                if ((p > key && strchr(" \t", p[-1])) || (p[1] && strchr(" \t", p[1])))
                        return REFUSE(reason, "there must be no blank before or after \"@\"");
        name = strsep(&rest, "@");
        r = parse_name(name, line, reason);
        while (r == 0 && rest)
                r = add_condition(strsep(&rest, "@"), line, reason);
        if (r == 0)
                qsort(line->conditions, line->n_conditions, sizeof(line->conditions[0]), condition_compare);
        return r;
}

static bool span_equal(const char *span, size_t length, const char *text) {
        return strlen(text) == length && memcmp(span, text, length) == 0;
}

/* Detects "60 %": a number followed by a word that is only a unit. */
static int check_unit(const char *word, size_t length, const char *rest, struct reason *reason) {
        struct number_text number;
        const char *next, *suffix;
        size_t next_length = next_word(&rest, &next);

        if (number_split(word, length, &number) < 0 || number.suffix_length > 0)
                return 0;
        suffix = value_suffix(next, next_length);
        return suffix ? REFUSE(reason, "there must be no blank between number and unit: %.*s%s", (int) MIN(length, (size_t) 40),
                               word, suffix) :
                        0;
}

/* Detects a comma or semicolon at the end of a word, and "1,2GHz". Other commas may be part of a text that a driver offers. */
static int check_marks(const char *word, size_t length, struct reason *reason) {
        struct number_text number, fraction;
        int shown = (int) MIN(length, (size_t) 40);

        if (strchr(",;", word[length - 1]))
                return REFUSE(reason, "\"%.*s\": values must be separated by blanks only", shown, word);
        if (number_split(word, length, &number) == 0 && number.suffix_length > 1 && number.suffix[0] == ',' &&
            number_split(number.suffix + 1, number.suffix_length - 1, &fraction) == 0 &&
            value_suffix(fraction.suffix, fraction.suffix_length))
                return REFUSE(reason, "%.*s contains a comma: use a point in fractions, and blanks between values", shown, word);
        return 0;
}

static int check_word(const char *word, size_t length, struct reason *reason) {
        struct value value;
        int r;

        if (length >= GOVERNORD_VALUE_MAX)
                return REFUSE(reason, "a value is longer than %d bytes", GOVERNORD_VALUE_MAX - 1);
        for (size_t i = 0; i < length; i++)
                if (word[i] <= ' ' || word[i] > '~')
                        return REFUSE(reason, "a value must consist of printable ASCII characters");
        r = value_parse(word, length, &value);
        if (r < 0)
                (void) value_reason(r, word, length, reason->text, reason->size);
        return r < 0 ? -EINVAL : 0;
}

/* An accepted value is compared with the value read from the knob, so it must be a text, or a number that is not a percentage. */
static int check_accepted(const char *word, size_t length, struct reason *reason) {
        struct value value;

        if (span_equal(word, length, "leave") || value_parse(word, length, &value) < 0 || value.kind == VALUE_WORD ||
            (value.kind == VALUE_NUMBER && value.unit == GOV_UNIT_PERCENT))
                return REFUSE(
                        reason,
                        "%.*s is not allowed in parentheses: only texts and numbers can be compared with the value of the knob",
                        (int) MIN(length, (size_t) 40), word);
        return 0;
}

/* Checks the words of `text` and joins them with single blanks. */
static int take_words(const char *text, bool accepted, const char **ret, struct reason *reason) {
        char joined[VALUES_MAX], *end = joined;
        const char *word;
        size_t length;
        bool left = false;
        int r;

        while ((length = next_word(&text, &word)) > 0) {
                r = check_unit(word, length, text, reason);
                if (r == 0)
                        r = check_word(word, length, reason);
                if (r == 0)
                        r = check_marks(word, length, reason);
                if (r == 0 && accepted)
                        r = check_accepted(word, length, reason);
                if (r < 0)
                        return r;
                if (left)
                        return REFUSE(reason, "values after \"leave\" have no effect");
                left = span_equal(word, length, "leave");
                if (end != joined)
                        *end++ = ' ';
                end = mempcpy(end, word, length); /* fits: the joined text is not longer than the value, which parse_values() has
                                                     checked */
        }
        *end = '\0';
        *ret = text_intern(joined);
        return *ret ? 0 : -ENOMEM;
}

static int parse_values(const char *value, struct profile_line *line, struct reason *reason) {
        char buffer[VALUES_MAX], *opening, *closing;
        int r;

        if (TEXT_FORMAT(buffer, "%s", value) < 0)
                return REFUSE(reason, "the text after \"=\" is longer than %d bytes", VALUES_MAX - 1);
        opening = strchrnul(buffer, '(');
        closing = strchr(buffer, ')');
        if (*opening && !closing)
                return REFUSE(reason, "\")\" is missing after \"(\"");
        if (closing && (closing < opening || closing[1 + strspn(closing + 1, " \t")] || strchr(opening + 1, '(')))
                return REFUSE(reason, "only one pair of parentheses is allowed, around the last values");
        if (closing)
                *closing = '\0';
        if (*opening)
                *opening++ = '\0';
        r = take_words(buffer, false, &line->values, reason);
        if (r == 0 && line->values[0] == '\0')
                return REFUSE(reason, "the value is missing; write \"leave\" to leave the knob unchanged");
        return r < 0 ? r : take_words(opening, true, &line->accepted, reason);
}

int profile_line_parse(const char *key, const char *value, const char *origin, struct profile_line *ret, char *reason,
                       size_t size) {
        struct profile_line line = {};
        struct reason why = { reason, size };
        int r = parse_key(key, &line, &why);

        if (r == 0)
                r = parse_values(value, &line, &why);
        if (r == 0 && !(line.origin = text_intern(origin)))
                r = -ENOMEM;
        if (r == -ENOMEM)
                (void) text_format(reason, size, "out of memory");
        if (r == 0)
                *ret = line;
        return r;
}
