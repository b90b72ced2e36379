/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of [rule NAME]. A condition that can never hold is an error, such as a path that is not absolute and normalised (the
 * kernel reports only such paths), a unit without its type, or a percentage outside 1..100. */

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/config-sections.h"

/* Each of these functions returns NULL for a valid text, or a description of the text that must follow the word of the
 * condition. */
static const char *check_nothing(const char *text, struct rule_condition *condition) {
        (void) condition;
        return *text ? "nothing (each further condition needs its own \"when\" line)" : NULL;
}

static const char *check_percent(const char *text, struct rule_condition *condition) {
        if (parse_u32(text, &condition->number) < 0 || condition->number < 1 || condition->number > 100)
                return "a number from 1 to 100";
        return NULL;
}

static bool ends_with(const char *text, const char *end) {
        size_t length = strlen(text), end_length = strlen(end);

        return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static const char *check_path(const char *text, struct rule_condition *condition) {
        (void) condition;
        if (text[0] != '/')
                return "an absolute path";
        if (strlen(text) >= PATH_MAX)
                return "a path of at most 4095 bytes";
        if (strstr(text, "//") || strstr(text, "/./") || strstr(text, "/../") || ends_with(text, "/") || ends_with(text, "/.") ||
            ends_with(text, "/.."))
                return "a normalised path, without \"//\", \".\" and \"..\", and without \"/\" at its end";
        return NULL;
}

static const char *check_unit(const char *text, struct rule_condition *condition) {
        (void) condition;
        if (text[strcspn(text, " \t/")] != '\0')
                return "the name of one systemd unit";
        if (!ends_with(text, ".service") && !ends_with(text, ".scope") && !ends_with(text, ".slice"))
                return "a name that ends with .service, .scope or .slice";
        return text[0] == '.' ? "a complete name, such as backup.service" : NULL;
}

static const struct {
        const char *word;
        enum rule_condition_kind kind;
        bool has_text;
        const char *(*check)(const char *text, struct rule_condition *condition);
} conditions[] = {
        { "ac", RULE_AC, false, check_nothing },
        { "battery", RULE_BATTERY, false, check_nothing },
        { "battery-below", RULE_BATTERY_BELOW, false, check_percent },
        { "exe", RULE_EXE, true, check_path },
        { "unit", RULE_UNIT, true, check_unit },
        { "idle", RULE_IDLE, false, check_nothing },
};

static const char *parse_condition(struct config_draft *draft, const char *value, struct rule_condition *ret, char *reason) {
        char word[64], hint[SUGGEST_MAX];
        size_t length = strcspn(value, " \t");
        const char *rest = value + length + strspn(value + length, " \t"), *wanted;

        (void) TEXT_FORMAT(word, "%.*s", (int) MIN(length, sizeof(word) - 1), value);
        for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
                if (strcmp(word, conditions[i].word) != 0)
                        continue;
                *ret = (struct rule_condition){ .kind = conditions[i].kind };
                if (conditions[i].has_text)
                        ret->text = draft_intern(draft, rest);
                wanted = conditions[i].check(rest, ret);
                if (!wanted)
                        return NULL;
                (void) text_format(reason, REASON_MAX, "\"%s\" must be followed by %s%s%.*s%s", word, wanted,
                                   *rest ? "; found \"" : "", text_cut(rest, 64), rest, *rest ? "\"" : "");
                return reason;
        }
        (void) text_format(reason, REASON_MAX, "unknown condition \"%s\"%s", word,
                           suggest(hint, word, "ac battery battery-below exe unit idle"));
        return reason;
}

static const char *add_when(struct config_draft *draft, struct rule *rule, const char *value, char *reason) {
        struct rule_condition condition;
        const char *fault = parse_condition(draft, value, &condition, reason);

        if (fault)
                return fault;
        for (uint32_t i = 0; i < rule->n_conditions; i++)
                if ((rule->conditions[i].kind == RULE_AC && condition.kind == RULE_BATTERY) ||
                    (rule->conditions[i].kind == RULE_BATTERY && condition.kind == RULE_AC))
                        return "\"ac\" and \"battery\" exclude each other, so the rule would never apply";
        if (rule->n_conditions == RULE_CONDITIONS_MAX)
                return "a rule can have at most 8 conditions";
        rule->conditions[rule->n_conditions++] = condition;
        return NULL;
}

const char *config_rule_entry(struct config_draft *draft, const char *key, const char *value, char *reason) {
        struct rule *rule = &draft->config->rules[draft->index];
        char hint[SUGGEST_MAX];

        if (strcmp(key, "when") == 0)
                return add_when(draft, rule, value, reason);
        if (strcmp(key, "profile") == 0) {
                rule->profile = draft_intern(draft, value);
                draft->rule_profile_places[draft->index] = draft->place;
                draft_replace(draft, &draft->rule_profile_origins[draft->index]);
                return NULL;
        }
        (void) text_format(reason, REASON_MAX, "unknown key \"%.64s\" in [rule]%s", key, suggest(hint, key, "when profile"));
        return reason;
}

static int format_condition(const struct rule_condition *condition, char *ret, size_t size) {
        const char *word = "?";

        for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
                if (conditions[i].kind == condition->kind)
                        word = conditions[i].word;
        if (condition->kind == RULE_BATTERY_BELOW)
                return text_format(ret, size, "%s %u", word, condition->number);
        return condition->text ? text_format(ret, size, "%s %s", word, condition->text) : text_format(ret, size, "%s", word);
}

int rule_format(const struct rule *rule, char *ret, size_t size) {
        size_t used = 0;
        int r = text_format(ret, size, "%s", "");

        for (uint32_t i = 0; r == 0 && i < rule->n_conditions; i++) {
                if (i > 0)
                        r = text_format(ret + used, size - used, " and ");
                used += strlen(ret + used);
                if (r == 0)
                        r = format_condition(&rule->conditions[i], ret + used, size - used);
                used += strlen(ret + used);
        }
        if (r < 0)
                ret[0] = '\0';
        return r;
}
