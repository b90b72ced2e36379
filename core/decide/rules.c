/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/decide/rules.h"

#include "base/text.h"

static bool names_have(const struct names_on *names, const char *name) {
        for (uint32_t i = 0; i < names->n; i++)
                if (text_equal(names->items[i], name))
                        return true;
        return false;
}

bool names_set(struct names_on *names, const char *name, bool on) {
        for (uint32_t i = 0; i < names->n; i++)
                if (text_equal(names->items[i], name)) {
                        if (!on)
                                names->items[i] = names->items[--names->n];
                        return !on;
                }
        if (!on || names->n == NAMES_MAX || !(name = text_intern(name)))
                return false;
        names->items[names->n++] = name;
        return true;
}

static bool condition_holds(const struct rule_condition *condition, const struct surroundings *around) {
        switch (condition->kind) {
        case RULE_AC:
                return !around->on_battery;
        case RULE_BATTERY:
                return around->on_battery;
        case RULE_BATTERY_BELOW:
                return around->percent >= 0 && (uint32_t) around->percent < condition->number;
        case RULE_EXE:
                return names_have(around->programs, condition->text);
        case RULE_UNIT:
                return names_have(around->units, condition->text);
        case RULE_IDLE:
                return around->idle;
        }
        return false;
}

bool rule_holds(const struct rule *rule, const struct surroundings *around) {
        for (uint32_t i = 0; i < rule->n_conditions; i++)
                if (!condition_holds(&rule->conditions[i], around))
                        return false;
        return true;
}

const struct rule *rules_decide(const struct config *config, const struct surroundings *around,
                                const bool available[static PROFILE_BASE_COUNT]) {
        for (size_t i = 0; i < config->n_rules; i++) {
                const struct rule *rule = &config->rules[i];
                const struct profile *profile = config_profile(config, rule->profile);

                if (profile && available[profile->base] && rule_holds(rule, around))
                        return rule;
        }
        return NULL;
}
