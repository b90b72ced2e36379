/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/decide/choice.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "core/decide/arbiter.h"

/* Maximum time between a change of lap mode or charger and the reaction of the firmware. */
#define TOGETHER_USEC 2000000

const char *origin_name(enum origin origin) {
        static const char *const names[] = { [ORIGIN_START] = "start", [ORIGIN_MANUAL] = "manual", [ORIGIN_FIRMWARE] = "firmware" };

        return names[origin];
}

const struct profile *choice_rule_profile(const struct choice *choice, const struct config *config) {
        return choice->deciding && choice->overridden != choice->deciding ? config_profile(config, choice->deciding->profile) :
                                                                            NULL;
}

void choice_decide(const struct choice *choice, const struct requests *requests, const struct config *config,
                   const bool available[static PROFILE_BASE_COUNT], struct decision *ret) {
        const struct request *hold = arbiter_hold(requests, config, available);
        const struct profile *by_rule = choice_rule_profile(choice, config);

        if (hold) {
                ret->profile = config_profile(config, hold->profile);
                (void) TEXT_FORMAT(ret->cause, "hold:%u", hold->cookie);
        } else if (by_rule) {
                ret->profile = by_rule;
                (void) TEXT_FORMAT(ret->cause, "rule:%s", choice->deciding->name);
        } else if (choice->imposed && available[choice->imposed->base]) {
                ret->profile = choice->imposed;
                (void) TEXT_FORMAT(ret->cause, "firmware");
        } else if (!available[choice->selected->base]) { /* until its hardware appears again */
                ret->profile = &config->profiles[PROFILE_BALANCED];
                (void) TEXT_FORMAT(ret->cause, "unavailable");
        } else {
                ret->profile = choice->selected;
                (void) TEXT_FORMAT(ret->cause, "%s", origin_name(choice->origin));
        }
}

void choice_select(struct choice *choice, const struct profile *profile, enum origin origin) {
        assert(profile);
        choice->selected = profile;
        choice->origin = origin;
        choice->imposed = NULL;
        choice->key.before = NULL;
        choice->overridden = choice->deciding;
}

void choice_select_by_key(struct choice *choice, const struct profile *profile, uint64_t now_usec) {
        const struct choice before = *choice;

        choice_select(choice, profile, ORIGIN_FIRMWARE);
        choice->key.before = before.selected;
        choice->key.origin = before.origin;
        choice->key.overridden = before.overridden;
        choice->key.usec = now_usec;
}

void choice_impose(struct choice *choice, const struct profile *profile, enum circumstance by) {
        assert(profile && by < CIRCUMSTANCES);
        choice->imposed = profile;
        choice->imposed_by = by;
}

bool choice_set_rule(struct choice *choice, const struct rule *rule) {
        if (rule == choice->deciding)
                return false;
        choice->deciding = rule;
        choice->overridden = NULL;
        return true;
}

static bool is_just_now(uint64_t usec, uint64_t now_usec) {
        return usec > 0 && now_usec - usec < TOGETHER_USEC;
}

static void take_key_back(struct choice *choice, enum circumstance by) {
        choice_impose(choice, choice->selected, by);
        choice->selected = choice->key.before;
        choice->origin = choice->key.origin;
        choice->overridden = choice->key.overridden;
        choice->key.before = NULL;
}

enum circumstance_effect choice_set_circumstance(struct choice *choice, enum circumstance which, bool on, bool started,
                                                 uint64_t now_usec) {
        bool differs = choice->circumstances[which] != on;

        choice->circumstances[which] = on;
        if (!differs || !started)
                return CIRCUMSTANCE_SAME;
        choice->circumstance_usec[which] = now_usec;
        if (choice->imposed && choice->imposed_by == which) {
                choice->imposed = NULL;
                return CIRCUMSTANCE_ENDS_IMPOSED;
        }
        if (!choice->key.before || !is_just_now(choice->key.usec, now_usec))
                return CIRCUMSTANCE_SAME;
        take_key_back(choice, which);
        return CIRCUMSTANCE_TAKES_KEY;
}

bool choice_is_answered(const struct choice *choice, uint64_t now_usec, enum circumstance *ret) {
        *ret = choice->circumstance_usec[ON_LAP] > choice->circumstance_usec[ON_BATTERY] ? ON_LAP : ON_BATTERY;
        return is_just_now(choice->circumstance_usec[*ret], now_usec);
}

static const struct rule *rule_named(const struct config *config, const char *name) {
        for (size_t i = 0; i < config->n_rules; i++)
                if (strcmp(config->rules[i].name, name) == 0)
                        return &config->rules[i];
        return NULL;
}

bool choice_adopt_config(struct choice *choice, const struct config *config) {
        const struct profile *selected = config_profile(config, choice->selected->name);
        const struct rule *deciding = choice->deciding ? rule_named(config, choice->deciding->name) : NULL;

        choice->selected = selected ? selected : &config->profiles[choice->selected->base];
        choice->imposed = choice->imposed ? &config->profiles[choice->imposed->base] : NULL;
        choice->key.before = NULL;
        choice->overridden = choice->overridden ? deciding : NULL; /* a selection overrides the rule even after a reload */
        choice->deciding = deciding;
        return selected != NULL;
}

const struct profile *choice_of_firmware(const struct config *config, const struct profile_context *context,
                                         const struct profile_knob *knob, const char *value) {
        static const enum profile_base order[PROFILE_BASE_COUNT] = { PROFILE_BALANCED, PROFILE_POWER_SAVER, PROFILE_PERFORMANCE };
        struct profile_target target;

        for (size_t i = 0; i < PROFILE_BASE_COUNT; i++) {
                profile_resolve(&config->profiles[order[i]], context, knob, &target);
                if (target.line && profile_satisfied(&target, value))
                        return &config->profiles[order[i]];
        }
        return NULL;
}
