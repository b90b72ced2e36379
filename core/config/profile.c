/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selects the line of a profile that applies to a knob, and the first of its values that the knob offers. This may run for every
 * knob of the machine at each switch, so only profile_lines_for(), which runs once for each row, allocates memory. */

#include "core/config/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/config/condition.h"
#include "core/config/value.h"

const char *const profile_base_names[PROFILE_BASE_COUNT] = {
        [PROFILE_POWER_SAVER] = "power-saver",
        [PROFILE_BALANCED] = "balanced",
        [PROFILE_PERFORMANCE] = "performance",
};

static bool is_for_row(const struct profile_line *line, const char *driver, const char *knob) {
        return text_equal(line->knob, knob) && (!line->driver || text_equal(line->driver, driver));
}

static uint32_t weight(const struct profile_line *line) {
        return line->n_conditions + (line->driver != NULL);
}

/* `line` comes after `best` (which may be NULL) in the profile. Returns `line` if it applies and has precedence, otherwise
 * `best`. */
static const struct profile_line *prefer(const struct profile_line *best, const struct profile_line *line,
                                         const struct profile_context *context, const struct profile_knob *knob) {
        if (best && weight(line) < weight(best))
                return best;
        for (uint32_t i = 0; i < line->n_conditions; i++)
                if (!condition_holds(&line->conditions[i], context, knob))
                        return best;
        return line;
}

static void resolve_line(const struct profile_line *line, const struct profile_knob *knob, struct profile_target *ret) {
        const char *rest, *word;
        size_t length;

        ret->line = line;
        ret->value[0] = '\0';
        ret->unavailable = false;
        if (!line)
                return;
        rest = line->values;
        while (*rest) {
                word = rest;
                rest = strchrnul(word, ' ');
                length = (size_t) (rest - word);
                rest += *rest == ' ';
                if (length == 5 && memcmp(word, "leave", 5) == 0) {
                        ret->line = NULL;
                        return;
                }
                if (value_resolve(word, length, knob, ret->value) == 0)
                        return;
        }
        ret->value[0] = '\0';
        ret->unavailable = true;
}

void profile_resolve_lines(const struct profile_line *const *lines, size_t n, const struct profile_context *context,
                           const struct profile_knob *knob, struct profile_target *ret) {
        const struct profile_line *best = NULL;

        for (size_t i = 0; i < n; i++)
                best = prefer(best, lines[i], context, knob);
        resolve_line(best, knob, ret);
}

void profile_resolve(const struct profile *profile, const struct profile_context *context, const struct profile_knob *knob,
                     struct profile_target *ret) {
        const struct profile_line *best = NULL;

        for (size_t i = 0; i < profile->n_lines; i++)
                if (is_for_row(&profile->lines[i], knob->driver, knob->name))
                        best = prefer(best, &profile->lines[i], context, knob);
        resolve_line(best, knob, ret);
}

int profile_lines_for(const struct profile *profile, const char *driver, const char *knob, const struct profile_line ***ret) {
        _cleanup_free_ const struct profile_line **found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < profile->n_lines; i++)
                n += is_for_row(&profile->lines[i], driver, knob);
        if (n > 0) {
                found = calloc(n, sizeof(*found));
                if (!found)
                        return -ENOMEM;
        }
        n = 0;
        for (size_t i = 0; i < profile->n_lines; i++)
                if (is_for_row(&profile->lines[i], driver, knob))
                        found[n++] = &profile->lines[i];
        *ret = TAKE_PTR(found);
        return (int) n;
}

bool profile_satisfied(const struct profile_target *target, const char *current) {
        const char *accepted, *word;
        size_t length;

        if (!target->line)
                return true;
        if (!target->unavailable && value_equal(target->value, strlen(target->value), current))
                return true;
        accepted = target->line->accepted;
        while ((length = next_word(&accepted, &word)) > 0)
                if (value_equal(word, length, current))
                        return true;
        return false;
}

bool profile_lines_uniform(const struct profile_line *const *lines, size_t n) {
        for (size_t i = 0; i < n; i++)
                for (uint32_t j = 0; j < lines[i]->n_conditions; j++)
                        if (lines[i]->conditions[j].kind == CONDITION_CORE_KIND ||
                            (lines[i]->conditions[j].kind == CONDITION_DOMAIN && lines[i]->conditions[j].scope != GOV_SCOPE_NODE))
                                return false;
        return true;
}
