/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What power-profiles-daemon has beside profiles: actions, battery awareness, and the reasons why performance is degraded. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/manager/manager-private.h"

void manager_init_actions(struct manager *manager) {
        actions_init(&manager->actions, &manager->knobs, &manager->state, manager->options.block_actions, manager->config->block);
}

bool manager_action_enabled(const char *knob, void *userdata) {
        const struct manager *manager = userdata;

        return actions_allow(&manager->actions, knob);
}

size_t manager_actions(const struct manager *manager, const struct action **ret) {
        *ret = manager->actions.items;
        return manager->actions.n;
}

int manager_set_action(struct manager *manager, const char *name, bool enabled) {
        int r = actions_set(&manager->actions, &manager->knobs, &manager->state, name, enabled);

        if (r < 0)
                return r;
        manager_save(manager);
        manager->changed |= CHANGED_ACTIONS;
        (void) manager_apply(manager, false, enabled ? "an action was enabled" : "an action was disabled", "governord", NULL);
        manager_publish(manager);
        return 0;
}

/* -- battery -- */

bool manager_battery_aware(const struct manager *manager) {
        return manager->battery_aware;
}

int manager_set_battery_aware(struct manager *manager, bool aware) {
        if (manager->battery_aware == aware)
                return -EALREADY;
        manager->battery_aware = aware;
        if (!manager->options.ignore_power) { /* one run with --disable-upower must not stick */
                manager->state.battery_aware = aware;
                manager_save(manager);
        }
        manager->changed |= CHANGED_BATTERY_AWARE;
        (void) manager_apply(manager, false, "battery awareness was changed", "governord", NULL);
        manager_publish(manager);
        return 0;
}

bool manager_on_battery(const struct manager *manager) {
        return manager->power && power_source_state(manager->power)->on_battery;
}

struct profile_context manager_context(const struct manager *manager) {
        return (struct profile_context){
                .on_battery = manager->battery_aware && manager_on_battery(manager),
                .battery_percent = manager->power ? power_source_state(manager->power)->percent : -1,
        };
}

void manager_power(const struct manager *manager, struct power_view *ret) {
        const struct power_state *state = manager->power ? power_source_state(manager->power) : NULL;

        *ret = (struct power_view){ .source = "unknown", .percent = -1 };
        if (!state || !state->known)
                return;
        ret->source = state->on_battery ? "battery" : "ac";
        ret->percent = state->percent;
}

/* -- degradation -- */

static void tell_leftover_limits(const struct manager *manager) {
        const struct knob *first = NULL;
        uint32_t n = degraded_count_limits(&manager->knobs, &first);
        char name[128], more[32] = "";

        if (!first)
                return;
        knob_format_name(first, name, sizeof(name));
        if (n > 1)
                (void) TEXT_FORMAT(more, " (and %u more)", n - 1);
        log_notice("%s%s is %s%s%s, less than half of %" PRId64 ": a limit from before is in force, and profile %s leaves it alone",
                   name, more, first->value, knob_unit_name(first->row->unit)[0] ? " " : "", knob_unit_name(first->row->unit),
                   first->max, manager->active->name);
}

void manager_update_degraded(struct manager *manager) {
        bool saves_power = !manager->active || manager->active->base == PROFILE_POWER_SAVER;
        uint32_t degraded = degraded_by_knobs(&manager->knobs, saves_power);

        if (manager->heat && heat_is_hot(manager->heat))
                degraded |= DEGRADED_HEAT;
        if (manager->state_unsaved || manager->ledger_failing)
                degraded |= DEGRADED_NOT_SAVED;
        if (manager->config_error[0])
                degraded |= DEGRADED_CONFIG;
        if (degraded == manager->degraded)
                return;
        if ((degraded & ~manager->degraded) & DEGRADED_LIMITED)
                tell_leftover_limits(manager);
        manager->degraded = degraded;
        manager->changed |= CHANGED_DEGRADED;
}

uint32_t manager_degraded(const struct manager *manager) {
        return manager->degraded;
}
