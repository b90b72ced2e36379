/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions of profile lines: parsing and evaluation. The result depends only on the arguments. An unknown condition is an error,
 * so that a misspelt one does not result in a line that never applies. */

#include "core/config/condition.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

static const struct {
        const char *word;
        enum condition_kind kind;
        uint32_t number;
} plain_words[] = {
        { "ac", CONDITION_AC, 0 },
        { "battery", CONDITION_BATTERY, 0 },
        { "performance-cores", CONDITION_CORE_KIND, GOV_CPU_PERFORMANCE },
        { "efficiency-cores", CONDITION_CORE_KIND, GOV_CPU_EFFICIENCY },
        { "active", CONDITION_MODE, 0 },
        { "passive", CONDITION_MODE, 0 },
        { "guided", CONDITION_MODE, 0 },
};

#define BELOW "battery-below-"

const char condition_words[] = "ac battery " BELOW "N performance-cores efficiency-cores active passive guided node package0 "
                               "policy0 cpu0 gpu0 device0";

static const char *const scope_words[GOV_SCOPE_COUNT] = {
        [GOV_SCOPE_NODE] = "node", [GOV_SCOPE_PACKAGE] = "package", [GOV_SCOPE_POLICY] = "policy",
        [GOV_SCOPE_CPU] = "cpu",   [GOV_SCOPE_GPU] = "gpu",         [GOV_SCOPE_DEVICE] = "device",
};

int domain_parse(const char *text, uint32_t *ret_scope, uint32_t *ret_number) {
        if (strcmp(text, scope_words[GOV_SCOPE_NODE]) == 0) {
                *ret_scope = GOV_SCOPE_NODE;
                *ret_number = 0;
                return 0;
        }
        for (uint32_t scope = GOV_SCOPE_NODE + 1; scope < GOV_SCOPE_COUNT; scope++) {
                size_t length = strlen(scope_words[scope]);

                if (strncmp(text, scope_words[scope], length) != 0)
                        continue;
                if (parse_u32(text + length, ret_number) < 0)
                        return -EINVAL;
                *ret_scope = scope;
                return 0;
        }
        return -EINVAL;
}

void domain_format(char *ret, size_t size, uint32_t scope, uint32_t number) {
        if (scope == GOV_SCOPE_NODE)
                (void) text_format(ret, size, "%s", scope_words[scope]);
        else if (scope < GOV_SCOPE_COUNT)
                (void) text_format(ret, size, "%s%u", scope_words[scope], number);
        else
                (void) text_format(ret, size, "?%u", number);
}

static int parse_below(const char *number, struct condition *ret) {
        if (parse_u32(number, &ret->number) < 0 || ret->number < 1 || ret->number > 100)
                return -ERANGE;
        ret->kind = CONDITION_BATTERY_BELOW;
        return 0;
}

int condition_parse(const char *word, struct condition *ret) {
        struct condition condition = {};
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(plain_words); i++) {
                if (strcmp(word, plain_words[i].word) != 0)
                        continue;
                condition.kind = plain_words[i].kind;
                condition.number = plain_words[i].number;
                if (condition.kind == CONDITION_MODE && !(condition.text = text_intern(word)))
                        return -ENOMEM;
                *ret = condition;
                return 0;
        }
        condition.kind = CONDITION_DOMAIN;
        r = domain_parse(word, &condition.scope, &condition.number);
        if (strncmp(word, BELOW, strlen(BELOW)) == 0)
                r = parse_below(word + strlen(BELOW), &condition);
        if (r == 0)
                *ret = condition;
        return r;
}

static int order(uint64_t a, uint64_t b) {
        return (a > b) - (a < b);
}

int condition_compare(const void *a, const void *b) {
        const struct condition *x = a, *y = b;
        int r = order(x->kind, y->kind);

        if (r == 0)
                r = order(x->scope, y->scope);
        if (r == 0)
                r = order(x->number, y->number);
        if (r == 0 && x->text != y->text)
                r = strcmp(x->text ? x->text : "", y->text ? y->text : "");
        return r;
}

bool condition_excludes(const struct condition *a, const struct condition *b) {
        if ((a->kind == CONDITION_AC && b->kind == CONDITION_BATTERY) || (a->kind == CONDITION_BATTERY && b->kind == CONDITION_AC))
                return true;
        return a->kind == b->kind && (a->kind == CONDITION_CORE_KIND || a->kind == CONDITION_MODE) && condition_compare(a, b) != 0;
}

static bool in_domain(const struct profile_knob *knob, uint32_t scope, uint32_t number) {
        if (scope == GOV_SCOPE_NODE || (scope == knob->scope && number == knob->domain))
                return true;
        return knob->covers && knob->covers(knob, scope, number);
}

bool condition_holds(const struct condition *condition, const struct profile_context *context, const struct profile_knob *knob) {
        switch (condition->kind) {
        case CONDITION_AC:
                return !context->on_battery;
        case CONDITION_BATTERY:
                return context->on_battery;
        case CONDITION_BATTERY_BELOW:
                return context->battery_percent >= 0 && (uint32_t) context->battery_percent < condition->number;
        case CONDITION_CORE_KIND:
                return knob->cpu && knob->cpu->kind == condition->number;
        case CONDITION_DOMAIN:
                return in_domain(knob, condition->scope, condition->number);
        case CONDITION_MODE:
                return text_equal(condition->text, knob->mode);
        }
        return false;
}
