/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds faults in lines that are well formed. Names are looked up in the tables of the drivers. The text values that a knob accepts
 * depend on the kernel and the machine, so here they are only compared with the built-in defaults: a text that resembles none of
 * these is not reported. core/manager/ineffective.c compares it with the values that the machine offers. */

#include "core/machine/advice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/value.h"
#include "core/machine/plugin.h"

static void consider(struct suggestion *nearest, const char *known) {
        suggestion_consider(nearest, known, strlen(known));
}

int known_drivers_of(struct plugin *const *plugins, size_t n_plugins, struct known_drivers *ret) {
        *ret = (struct known_drivers){ .items = calloc(n_plugins + 1, sizeof(*ret->items)) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n_plugins; i++)
                if (plugins[i]->driver)
                        ret->items[ret->n++] = plugins[i]->driver;
        return 0;
}

static const struct gov_driver *find_driver(const struct known_drivers *drivers, const char *name, struct suggestion *nearest) {
        for (size_t i = 0; i < drivers->n; i++) {
                if (strcmp(drivers->items[i]->name, name) == 0)
                        return drivers->items[i];
                consider(nearest, drivers->items[i]->name);
        }
        return NULL;
}

/* Calls `each` for all rows that the line names, until `each` returns true. */
static bool any_row(const struct known_drivers *drivers, const struct profile_line *line, struct suggestion *nearest,
                    bool (*each)(const struct gov_knob_row *row, void *userdata), void *userdata) {
        for (size_t i = 0; i < drivers->n; i++) {
                const struct gov_driver *driver = drivers->items[i];

                if (line->driver && strcmp(line->driver, driver->name) != 0)
                        continue;
                for (uint32_t j = 0; j < driver->n_rows; j++) {
                        if (strcmp(driver->rows[j].name, line->knob) != 0)
                                consider(nearest, driver->rows[j].name);
                        else if (each(&driver->rows[j], userdata))
                                return true;
                }
        }
        return false;
}

static bool is_settable(const struct gov_knob_row *row, void *userdata) {
        (void) userdata;
        return !(row->flags & GOV_KNOB_SENSOR);
}

/* The values that a line may contain, by the unit of its knob. */
static const char *const unit_values[GOV_UNIT_COUNT] = {
        [GOV_UNIT_TEXT] = "a word or a number without a unit",
        [GOV_UNIT_NUMBER] = "a number without a unit, or a percentage",
        [GOV_UNIT_BOOL] = "a switch (on or off)",
        [GOV_UNIT_KHZ] = "a frequency (kHz, MHz, GHz or %)",
        [GOV_UNIT_MICROWATT] = "a power (uW, mW, W or %)",
        [GOV_UNIT_MICROSECOND] = "a time (us, ms, s or %)",
        [GOV_UNIT_PERCENT] = "a percentage",
        [GOV_UNIT_LEVEL] = "a level (a number without a unit, or a percentage)",
        [GOV_UNIT_MICROJOULE] = "an energy in uJ (a number without a unit)",
        [GOV_UNIT_MILLICELSIUS] = "a temperature in mC (a number without a unit)",
};

static bool takes_word(const struct gov_knob_row *row, const char *word, size_t length) {
        char text[GOVERNORD_VALUE_MAX];
        struct value value;
        bool on;

        (void) TEXT_FORMAT(text, "%.*s", (int) length, word);
        if (value_parse(word, length, &value) < 0 || value.kind == VALUE_WORD)
                return true;
        if (value.kind == VALUE_TEXT) /* any text may be one of the choices of a knob, unless the knob is a switch */
                return row->unit != GOV_UNIT_BOOL || strcmp(text, "leave") == 0 || parse_bool(text, &on) == 0;
        if (value.unit == GOV_UNIT_NUMBER || value.unit == row->unit)
                return true;
        return value.unit == GOV_UNIT_PERCENT && row->unit != GOV_UNIT_TEXT && row->unit != GOV_UNIT_BOOL;
}

static bool takes_any(const struct gov_knob_row *row, void *userdata) {
        const char *values = userdata, *word;
        size_t length;

        while ((length = next_word(&values, &word)) > 0)
                if (takes_word(row, word, length))
                        return true;
        return false;
}

static void consider_words(struct suggestion *nearest, const char *values, bool *ret_known) {
        size_t length;
        const char *word;

        while ((length = next_word(&values, &word)) > 0) {
                char text[GOVERNORD_VALUE_MAX];

                (void) TEXT_FORMAT(text, "%.*s", (int) length, word);
                *ret_known = *ret_known || strcmp(text, nearest->word) == 0;
                suggestion_consider(nearest, word, length);
        }
}

/* Returns true for a text that is not among the built-in values of the knob but is similar to one of them. */
static bool is_misspelt(const struct config *config, const struct profile_line *line, const char *word, char hint[SUGGEST_MAX]) {
        struct suggestion nearest = { .word = word };
        struct value value;
        bool known = false;

        hint[0] = '\0';
        if (value_parse(word, strlen(word), &value) < 0 || value.kind != VALUE_TEXT || strcmp(word, "leave") == 0)
                return false;
        for (size_t i = 0; i < PROFILE_BASE_COUNT; i++)
                for (size_t j = 0; j < config->profiles[i].n_lines; j++) {
                        const struct profile_line *other = &config->profiles[i].lines[j];

                        if (!text_equal(other->knob, line->knob) || !other->is_default)
                                continue;
                        consider_words(&nearest, other->values, &known);
                        consider_words(&nearest, other->accepted, &known);
                }
        return !known && suggestion_format(&nearest, hint)[0];
}

static bool advise_values(const struct config *config, const struct profile_line *line, char *ret) {
        const char *values = line->values, *word;
        char hint[SUGGEST_MAX];
        size_t length;

        while ((length = next_word(&values, &word)) > 0) {
                char text[GOVERNORD_VALUE_MAX];

                (void) TEXT_FORMAT(text, "%.*s", (int) length, word);
                if (!is_misspelt(config, line, text, hint))
                        continue;
                (void) text_format(ret, ADVICE_MAX, "value \"%s\" is unknown for %s%s", text, line->knob, hint);
                return true;
        }
        return false;
}

static bool take_unit(const struct gov_knob_row *row, void *userdata) {
        *(uint32_t *) userdata = row->unit;
        return true;
}

bool advice_from_tables(const struct known_drivers *drivers, const struct profile_line *line, char *ret) {
        struct suggestion driver = { .word = line->driver }, knob = { .word = line->knob };
        const char *of = line->driver ? line->driver : "";
        char hint[SUGGEST_MAX];
        uint32_t unit = GOV_UNIT_COUNT;

        ret[0] = '\0';
        if (line->driver && !find_driver(drivers, line->driver, &driver))
                (void) text_format(ret, ADVICE_MAX, "there is no driver \"%s\"%s", line->driver, suggestion_format(&driver, hint));
        else if (!any_row(drivers, line, &knob, take_unit, &unit) && !line->driver && config_is_main_key(line->knob))
                (void) text_format(ret, ADVICE_MAX, "%s is a key of section [governord] and has no effect in a profile",
                                   line->knob);
        else if (unit == GOV_UNIT_COUNT)
                (void) text_format(ret, ADVICE_MAX,
                                   line->driver ? "driver %s has no knob \"%s\"%s" : "no driver%s has a knob \"%s\"%s", of,
                                   line->knob, suggestion_format(&knob, hint));
        else if (!any_row(drivers, line, &knob, is_settable, NULL))
                (void) text_format(ret, ADVICE_MAX, "%s is read-only", line->knob);
        else if (!any_row(drivers, line, &knob, takes_any, (void *) line->values))
                (void) text_format(ret, ADVICE_MAX, "%s must be %s; \"%.*s\" is not valid", line->knob, unit_values[unit],
                                   text_cut(line->values, 64), line->values);
        else
                return false;
        return true;
}

bool advice_on_line(const struct config *config, const struct known_drivers *drivers, const struct profile_line *line, char *ret) {
        return advice_from_tables(drivers, line, ret) || advise_values(config, line, ret);
}

struct telling {
        void (*each)(const char *origin, const char *reason, void *userdata);
        void *userdata;
};

enum named {
        NAMED_NOTHING,
        NAMED_ACTION, /* an action of power-profiles-daemon */
        NAMED_KNOBS,  /* a driver or knobs, which are enabled by default */
        NAMED_OPT_IN, /* a driver or knobs, some of which are disabled by default */
};

static enum named look_up(const struct known_drivers *drivers, const char *word, struct suggestion *nearest) {
        static const char *const actions[] = { "trickle_charge", "amdgpu_panel_power", "amdgpu_dpm" };
        const char *dot = strchr(word, '.');
        enum named found = NAMED_NOTHING;

        for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
                if (strcmp(actions[i], word) == 0)
                        found = NAMED_ACTION;
                consider(nearest, actions[i]);
        }
        for (size_t i = 0; i < drivers->n; i++) {
                const struct gov_driver *driver = drivers->items[i];
                bool is_driver = strcmp(driver->name, word) == 0;
                bool of_driver = dot && strlen(driver->name) == (size_t) (dot - word) &&
                                 strncmp(driver->name, word, strlen(driver->name)) == 0;

                if (is_driver)
                        found = MAX(found, NAMED_KNOBS);
                consider(nearest, driver->name);
                for (uint32_t j = 0; j < driver->n_rows; j++) {
                        const struct gov_knob_row *row = &driver->rows[j];

                        if (is_driver || strcmp(row->name, of_driver ? dot + 1 : word) == 0)
                                found = MAX(found, row->flags & GOV_KNOB_OPT_IN ? NAMED_OPT_IN : NAMED_KNOBS);
                        consider(nearest, row->name);
                }
        }
        return found;
}

/* Returns why the word has no effect in `enable` or `block`; NULL if it has one. */
static const char *word_without_effect(bool is_enable, enum named named) {
        if (named == NAMED_NOTHING)
                return "names no driver, knob or action";
        if (is_enable && named == NAMED_ACTION)
                return "is an action; \"powerprofilesctl configure-action\" enables it";
        if (is_enable && named == NAMED_KNOBS)
                return "is enabled without this";
        return NULL;
}

static void advise_words(const struct known_drivers *drivers, const char *key, const char *words, const char *origin,
                         const struct telling *telling) {
        const bool is_enable = strcmp(key, "enable") == 0;
        const char *word;
        size_t length;

        while ((length = next_word(&words, &word)) > 0) {
                char text[128], hint[SUGGEST_MAX], reason[ADVICE_MAX];
                struct suggestion nearest = { .word = text };
                const char *without_effect;
                enum named named;

                (void) TEXT_FORMAT(text, "%.*s", (int) MIN(length, sizeof(text) - 1), word);
                named = look_up(drivers, text, &nearest);
                without_effect = word_without_effect(is_enable, named);
                if (!without_effect)
                        continue;
                (void) TEXT_FORMAT(reason, "%s: \"%.*s\" %s%s", key, text_cut(text, 64), text, without_effect,
                                   named == NAMED_NOTHING ? suggestion_format(&nearest, hint) : "");
                telling->each(origin, reason, telling->userdata);
        }
}

static bool advise_option(const struct known_drivers *drivers, const struct driver_option *option, char *ret) {
        struct suggestion name = { .word = option->driver }, key = { .word = option->key };
        const struct gov_driver *driver = find_driver(drivers, option->driver, &name);
        const char *known = driver && driver->options ? driver->options : "", *word;
        char hint[SUGGEST_MAX];
        size_t length;

        if (driver && driver_has_option(driver, option->key))
                return false;
        while ((length = next_word(&known, &word)) > 0)
                suggestion_consider(&key, word, length);
        if (driver)
                (void) text_format(ret, ADVICE_MAX, "driver %s has no option \"%.*s\"%s", option->driver, text_cut(option->key, 64),
                                   option->key, suggestion_format(&key, hint));
        else
                (void) text_format(ret, ADVICE_MAX, "there is no driver \"%s\"%s", option->driver, suggestion_format(&name, hint));
        return true;
}

void advice_on_names(const struct config *config, const struct known_drivers *drivers,
                     void (*each)(const char *origin, const char *reason, void *userdata), void *userdata) {
        const struct telling telling = { each, userdata };

        for (size_t i = 0; i < config->n_options; i++) {
                char reason[ADVICE_MAX];

                if (advise_option(drivers, &config->options[i], reason))
                        each(config->options[i].origin, reason, userdata);
        }
        advise_words(drivers, "enable", config->enable, config->enable_origin, &telling);
        advise_words(drivers, "block", config->block, config->block_origin, &telling);
}

void advice_on_config(const struct config *config, const struct known_drivers *drivers,
                      void (*each)(const char *origin, const char *reason, void *userdata), void *userdata) {
        char reason[ADVICE_MAX];

        for (size_t i = 0; i < config->n_profiles; i++)
                for (size_t j = config->profiles[i].n_inherited; j < config->profiles[i].n_lines; j++) {
                        const struct profile_line *line = &config->profiles[i].lines[j];

                        if (!line->is_default && advice_on_line(config, drivers, line, reason))
                                each(line->origin, reason, userdata);
                }
        advice_on_names(config, drivers, each, userdata);
}

void advice_on_overridden(const struct config *config, void (*each)(const char *origin, const char *reason, void *userdata),
                          void *userdata) {
        char reason[ADVICE_MAX];

        for (size_t i = 0; i < config->n_overridden; i++) {
                (void) TEXT_FORMAT(reason, "overridden by line %u", config->overridden[i].by);
                each(config->overridden[i].origin, reason, userdata);
        }
}
