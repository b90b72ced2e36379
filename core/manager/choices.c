/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choices of users (profile, actions, battery awareness), and queries for their present state. */

#include <errno.h>

#include "base/text.h"
#include "core/manager/events.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"

const struct config *manager_config(const struct manager *manager) {
        return manager->config;
}

const struct profile *manager_active(const struct manager *manager) {
        return manager->active;
}

const struct profile *manager_selected(const struct manager *manager) {
        return manager->choice.selected;
}

const char *manager_cause(const struct manager *manager) {
        return manager->cause;
}

bool manager_profile_available(const struct manager *manager, const struct profile *profile) {
        return manager->available[profile->base];
}

void manager_profile_drivers(const struct manager *manager, enum profile_base base, const char **ret_cpu,
                             const char **ret_platform) {
        carriers_names(&manager->carriers[base], base, ret_cpu, ret_platform);
}

bool manager_rule_holds(const struct manager *manager, size_t rule, bool *ret_deciding) {
        const struct surroundings around = inputs_surroundings(manager);
        const struct rule *r = &manager->config->rules[rule];

        *ret_deciding = manager->choice.deciding == r && manager->choice.overridden != r;
        return rule_holds(r, &around);
}

uint32_t manager_degraded(const struct manager *manager) {
        return manager->degraded;
}

int manager_select(struct manager *manager, const char *name, const char *who, struct message *ret) {
        const struct profile *profile = config_profile(manager->config, name);
        char cause[CAUSE_MAX];
        int r;

        events_probe_late_drivers(manager, true);
        if (!profile)
                return message_error(ret, -ENOENT, "Invalid profile name '%.*s'", text_cut(name, 64), name);
        if (!manager_profile_available(manager, profile))
                return message_error(ret, -EOPNOTSUPP, "Cannot switch to unavailable profile '%s'", profile->name);
        (void) TEXT_FORMAT(cause, "manual choice of %s", profile->name);
        r = manager_settle(manager,
                           &(struct turn){ .select = profile, .origin = ORIGIN_MANUAL, .cause = cause, .who = who, .ret = ret });
        if (r < 0)
                (void) manager_settle(manager, &(struct turn){});
        return r;
}

/* -- actions -- */

size_t manager_actions(const struct manager *manager, const struct action **ret) {
        *ret = manager->actions.items;
        return manager->actions.n;
}

int manager_set_action(struct manager *manager, const char *name, bool enabled) {
        int r = actions_set(&manager->actions, &manager->machine.knobs, &manager->state, name, enabled);

        if (r < 0)
                return r;
        manager->changed |= CHANGED_ACTIONS;
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_PLAN | DIRTY_STATE,
                                                       .cause = enabled ? "an action was enabled" : "an action was disabled" });
        return 0;
}

/* -- battery -- */

bool manager_battery_aware(const struct manager *manager) {
        return manager->battery_aware;
}

int manager_set_battery_aware(struct manager *manager, bool aware) {
        /* a run with --disable-upower must not change the saved choice */
        const bool is_kept = !manager->options.ignore_power;

        if (manager->battery_aware == aware)
                return -EALREADY;
        manager->battery_aware = aware;
        if (is_kept)
                manager->state.battery_aware = aware;
        manager->changed |= CHANGED_BATTERY_AWARE;
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_PLAN | (is_kept ? DIRTY_STATE : 0),
                                                       .cause = "battery awareness was changed" });
        return 0;
}
