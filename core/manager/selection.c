/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings into force which profile should be (core/decide/choice.h), and follows what may change that: rules, lap mode, the charger, the
 * firmware's keys, a person. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/decide/arbiter.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

const struct request *manager_deciding_hold(const struct manager *manager) {
        return arbiter_hold(&manager->requests, manager->config, manager->available);
}

/* A hold or a rule says what should be in force. */
static bool is_decided(const struct manager *manager) {
        return manager_deciding_hold(manager) || choice_rule_profile(&manager->choice, manager->config);
}

static void explain_nothing_set(const struct apply_result *result, const char *profile, struct message *ret) {
        char text[384];

        diagnose_failure(result->first_failed, result->first_value, result->first_error, text, sizeof(text));
        (void) TEXT_FORMAT(ret->text, "Failed to activate profile '%s': %s; the former profile stays", profile, text);
}

/* The error tells who refused: these are of the hardware, whatever errno a file of sysfs gave. */
static int hardware_error(int error) {
        static const int known[] = { EACCES, EBUSY, EIO, ERANGE, ENODEV };

        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (known[i] == error)
                        return -error;
        return -EIO;
}

/* Likewise of the ledger. */
static int ledger_error(int r) {
        return r == -ENOSPC || r == -ENOMEM ? r : -EROFS;
}

static void explain_no_ledger(const struct manager *manager, int r, struct message *ret) {
        if (ret)
                (void) TEXT_FORMAT(ret->text, "Cannot record original values in %s: %s; nothing was changed",
                                   manager->options.runtime_dir, strerrordesc_np(-r));
}

/* Makes `profile` active; `explicit` takes yielded knobs back. When not one of its knobs can be set and a caller waits for the result
 * (`ret`), the former profile comes back and the first error is returned. What follows from the end of a wish or a rule is not
 * refused: its knobs are tried again. */
static int activate(struct manager *manager, const struct profile *profile, bool explicit, const char *cause, const char *who,
                    struct message *ret) {
        const struct profile *former = manager->active;
        struct apply_result result;
        int r;

        manager->active = profile;
        r = manager_apply(manager, explicit, cause, who, &result);
        if (r < 0) {
                explain_no_ledger(manager, r, ret);
                r = ledger_error(r);
        } else if (ret && result.failed > 0 && result.done == 0 && former != profile &&
                   !(result.first_failed->row->flags & GOV_KNOB_ACTION)) {
                /* actions are written last, and are no part of the profile: their failures are only logged */
                r = hardware_error(result.first_error);
                explain_nothing_set(&result, profile->name, ret);
        }
        if (r < 0 && former) {
                manager->active = former;
                if (former != profile)
                        (void) manager_apply(manager, true, "the former profile after a failure", "governord", NULL);
                return r;
        }
        if (former != manager->active)
                manager->changed |= CHANGED_ACTIVE;
        return former ? 0 : r;
}

static void set_cause(struct manager *manager, const char *cause) {
        if (strcmp(manager->cause, cause) == 0)
                return;
        (void) TEXT_FORMAT(manager->cause, "%s", cause);
        manager->changed |= CHANGED_ACTIVE;
}

/* Without a caller, whose request could be turned down: another profile should be in force than the one that is. */
static void tell_failed_switch(struct manager *manager, const struct profile *wanted, const char *cause, int r) {
        if (strcmp(manager->cause, "failed") != 0)
                (void) log_warning(
                        r,
                        "Cannot switch from profile %s to %s (%s); tried again with the next change of requests, rules or configuration",
                        manager->active->name, wanted->name, cause);
        set_cause(manager, "failed");
}

int manager_update_active(struct manager *manager, bool force, const char *cause, const char *who, struct message *ret) {
        const struct profile *wanted;
        struct decision decision;
        int r = 0;

        choice_decide(&manager->choice, &manager->requests, manager->config, manager->available, &decision);
        wanted = decision.profile;
        if (wanted != manager->active || force)
                r = activate(manager, wanted, wanted != manager->active, cause, who, ret);
        if (manager->active == wanted)
                set_cause(manager, decision.cause);
        else if (!ret)
                tell_failed_switch(manager, wanted, cause, r);
        return r;
}

static void remember_drivers(struct manager *manager) {
        const char *cpu, *platform;

        manager_profile_drivers(manager, PROFILE_BALANCED, &cpu, &platform);
        (void) TEXT_FORMAT(manager->state.cpu_driver, "%s", cpu ? cpu : "");
        (void) TEXT_FORMAT(manager->state.platform_driver, "%s", platform ? platform : "");
}

/* After choice_select() or choice_select_by_key(). */
static void remember_choice(struct manager *manager, const struct profile *before) {
        if (manager->choice.selected != before)
                manager->changed |= CHANGED_SELECTED;
        (void) TEXT_FORMAT(manager->cause, "%s", origin_name(manager->choice.origin));
        (void) TEXT_FORMAT(manager->state.profile, "%s", manager->choice.selected->name);
        remember_drivers(manager);
}

int manager_select(struct manager *manager, const char *name, const char *who, struct message *ret) {
        const struct profile *profile = config_profile(manager->config, name), *selected = manager->choice.selected, *before;
        char cause[128];
        int r;

        manager_ask_late_drivers(manager, true);
        before = manager->active;
        if (!profile)
                return message_error(ret, -ENOENT, "Invalid profile name '%.*s'", text_cut(name, 64), name);
        if (!manager_profile_available(manager, profile))
                return message_error(ret, -EOPNOTSUPP, "Cannot switch to unavailable profile '%s'", profile->name);
        (void) TEXT_FORMAT(cause, "manual choice of %s", profile->name);
        r = activate(manager, profile, true, cause, who, ret);
        if (r >= 0) {
                if (profile != before)
                        manager_end_holds(manager, "manual-switch");
                choice_select(&manager->choice, profile, ORIGIN_MANUAL);
                remember_choice(manager, selected);
                (void) manager_update_active(manager, false, cause, who, NULL); /* a hold for the same profile stays the cause */
                manager_save(manager);
        }
        manager_publish(manager);
        return r;
}

/* The base profile that a firmware value stands for, by the same lines that would write it. Where two profiles write the same value,
 * since firmware offers no other, it stands for "balanced". */
static const struct profile *profile_of_firmware(struct manager *manager, const struct knob *knob) {
        static const enum profile_base order[PROFILE_BASE_COUNT] = { PROFILE_BALANCED, PROFILE_POWER_SAVER, PROFILE_PERFORMANCE };
        struct profile_context context = manager_context(manager);
        struct profile_target target;
        struct profile_knob view;

        knob_profile_view(knob, &manager->topology, &view);
        for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
                profile_resolve(&manager->config->profiles[order[i]], &context, &view, &target);
                if (target.line && profile_satisfied(&target, knob->value))
                        return &manager->config->profiles[order[i]];
        }
        return NULL;
}

/* Firmware shows a mode that no profile stands for, such as one that a key reaches and that the user tunes by hand. */
static void leave_to_firmware(struct knob *knob, const char *before) {
        log_notice("%s is now \"%s\", which stands for no profile; leaving it so until the next choice of a profile", knob->path,
                   knob->value);
        if (!knob->wanted)
                return;
        knob->state = KNOB_YIELDED;
        knob->yielded = before;
}

/* -- profiles that the firmware imposes -- */

static const char *const circumstance_names[CIRCUMSTANCES] = { [ON_LAP] = "lap mode", [ON_BATTERY] = "the charger" };

static void tell_imposed(const struct manager *manager) {
        log_notice("The firmware chose profile %s when %s changed; %s comes back when it changes again",
                   manager->choice.imposed->name, circumstance_names[manager->choice.imposed_by], manager->choice.selected->name);
}

static void circumstance_changed(struct manager *manager, enum circumstance which, enum circumstance_effect effect) {
        char cause[128];

        if (effect == CIRCUMSTANCE_TAKES_KEY) {
                manager->changed |= CHANGED_SELECTED;
                tell_imposed(manager);
                (void) TEXT_FORMAT(manager->state.profile, "%s", manager->choice.selected->name);
                manager_save(manager);
        }
        (void) TEXT_FORMAT(cause, "%s changed", circumstance_names[which]);
        (void) manager_update_active(manager, false, cause, "governord", NULL);
}

void manager_follow_circumstances(struct manager *manager) {
        const bool now[CIRCUMSTANCES] = {
                [ON_LAP] = (manager->degraded & DEGRADED_LAP) != 0,
                [ON_BATTERY] = manager_on_battery(manager),
        };

        for (unsigned int i = 0; i < CIRCUMSTANCES; i++) {
                enum circumstance_effect effect = choice_set_circumstance(&manager->choice, i, now[i], manager->started,
                                                                          clock_usec(CLOCK_BOOTTIME));

                if (effect != CIRCUMSTANCE_SAME)
                        circumstance_changed(manager, i, effect);
        }
}

/* Returns whether one of them has changed just now, so that the firmware may have answered it. */
static bool is_answered(struct manager *manager, enum circumstance *ret) {
        manager_update_degraded(manager); /* the profile's event may come before that of lap mode */
        manager_follow_circumstances(manager);
        return choice_is_answered(&manager->choice, clock_usec(CLOCK_BOOTTIME), ret);
}

static void choose_by_key(struct manager *manager, const struct profile *profile, const char *cause, const char *who) {
        const struct profile *selected = manager->choice.selected;

        log_notice("%s: switching to profile %s", cause, profile->name);
        if (activate(manager, profile, true, cause, who, NULL) < 0)
                return;
        manager_end_holds(manager, "manual-switch");
        choice_select_by_key(&manager->choice, profile, clock_usec(CLOCK_BOOTTIME));
        remember_choice(manager, selected);
        manager_save(manager);
}

static bool follow_firmware(struct manager *manager, const struct knob *knob, const struct profile *profile, const char *who) {
        enum circumstance by;
        char cause[128];

        (void) TEXT_FORMAT(cause, "firmware or a key chose %s", knob->value);
        if (!is_answered(manager, &by)) {
                choose_by_key(manager, profile, cause, who);
                return true;
        }
        if (profile->base == manager->active->base)
                return true;
        if (is_decided(manager))
                return false;
        choice_impose(&manager->choice, profile, by);
        tell_imposed(manager);
        (void) manager_update_active(manager, false, cause, who, NULL);
        return true;
}

bool manager_firmware_changed(struct manager *manager, struct knob *knob, const char *before, const char *who) {
        const struct profile *profile;

        if (!knob->value ||
            !knob->choices[0]) /* without choices its driver is still to come, and what it starts with is no choice */
                return true;
        profile = profile_of_firmware(manager, knob);
        if (!profile) {
                leave_to_firmware(knob, before);
                return true;
        }
        if (profile->base != manager->active->base)
                return follow_firmware(manager, knob, profile, who);
        log_info("%s is now \"%s\", which changes no profile", knob->path, knob->value);
        if (knob->state == KNOB_YIELDED)
                knob->state = knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
        return true;
}

/* -- rules -- */

static struct surroundings surroundings_of(const struct manager *manager) {
        struct power_view power;

        manager_power(manager, &power);
        return (struct surroundings){
                .on_battery = manager_on_battery(manager),
                .percent = power.percent,
                .idle = manager->idle,
                .units = &manager->units,
                .programs = &manager->programs,
        };
}

bool manager_rule_holds(const struct manager *manager, size_t rule, bool *ret_deciding) {
        const struct surroundings around = surroundings_of(manager);
        const struct rule *r = &manager->config->rules[rule];

        *ret_deciding = manager->choice.deciding == r && manager->choice.overridden != r;
        return rule_holds(r, &around);
}

void manager_update_rules(struct manager *manager) {
        const struct surroundings around = surroundings_of(manager);
        const struct rule *rule = rules_decide(manager->config, &around, manager->available);
        char cause[128];

        if (!choice_set_rule(&manager->choice, rule))
                return;
        manager->changed |= CHANGED_RULES;
        if (!manager->started)
                return;
        (void) TEXT_FORMAT(cause, rule ? "rule %s" : "no rule applies any longer", rule ? rule->name : "");
        (void) manager_update_active(manager, false, cause, "governord", NULL);
}

/* As in power-profiles-daemon, a choice was made for a machine with these drivers. */
static bool drivers_are_as_saved(const struct manager *manager) {
        const struct state *state = &manager->state;
        const char *cpu, *platform;

        if (!state->cpu_driver[0] && !state->platform_driver[0])
                return true;
        manager_profile_drivers(manager, PROFILE_BALANCED, &cpu, &platform);
        return text_equal(state->cpu_driver, cpu ? cpu : "") && text_equal(state->platform_driver, platform ? platform : "");
}

void manager_report_saved(const struct manager *manager) {
        const char *name = manager->state.profile;
        const struct profile *saved = config_profile(manager->config, name);

        if (name[0] == '\0' || saved == manager->choice.selected)
                return;
        if (!saved)
                (void) log_warning(
                        0,
                        "The profile \"%s\", which was chosen before, is not in the configuration any more; %s is used instead, until "
                        "another one is chosen or the configuration has it again",
                        name, manager->choice.selected->name);
        else if (!manager_profile_available(manager, saved))
                log_notice(
                        "The profile \"%s\", which was chosen before, is not available on this machine now; %s is used instead until it is",
                        name, manager->choice.selected->name);
        else
                log_notice("The profile \"%s\" was chosen with other drivers (cpu \"%s\", platform \"%s\"); %s is used instead",
                           name, manager->state.cpu_driver, manager->state.platform_driver, manager->choice.selected->name);
}

/* Again after each probe: a driver that comes late brings the saved choice back. */
void manager_choose_initial(struct manager *manager) {
        const struct profile *saved = config_profile(manager->config, manager->state.profile);

        if (saved && saved != manager->choice.selected && manager_profile_available(manager, saved) &&
            drivers_are_as_saved(manager)) {
                manager->choice.selected = saved;
                manager->choice.origin = ORIGIN_START;
                manager->changed |= CHANGED_SELECTED;
        }
        if (!manager->choice.selected)
                manager->choice.selected = &manager->config->profiles[PROFILE_BALANCED];
        manager_update_rules(manager);
}
