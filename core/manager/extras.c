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

/* PPD's three actions: its spelling, our knob, and what PPD does before anybody chose. */
static const struct {
        const char *name, *knob, *description;
        bool wanted;
} known_actions[] = {
        { "trickle_charge", "trickle-charge", "Charge selected external devices slowly to save power", true },
        { "amdgpu_panel_power", "amdgpu-panel-power", "Panel Power Savings", false },
        { "amdgpu_dpm", "amdgpu-dpm", "Adjust GPU dynamic power management", false },
};

static bool machine_has_knob(const struct manager *manager, const char *knob) {
        for (uint32_t i = 0; i < manager->knobs.n_groups; i++)
                if (strcmp(manager->knobs.groups[i].name, knob) == 0)
                        return true;
        return false;
}

/* PPD lists trickle_charge on every machine, since a mouse may be plugged in at any time. */
static bool is_possible(const struct manager *manager, uint32_t index) {
        return strcmp(known_actions[index].name, "trickle_charge") == 0 || machine_has_knob(manager, known_actions[index].knob);
}

static int saved_choice(const struct manager *manager, const char *name) {
        for (uint32_t i = 0; i < manager->state.n_actions; i++)
                if (strcmp(manager->state.actions[i].name, name) == 0)
                        return manager->state.actions[i].enabled;
        return -1;
}

void manager_init_actions(struct manager *manager) {
        manager->n_actions = 0;
        for (uint32_t i = 0; i < ARRAY_SIZE(known_actions); i++) {
                struct action *action = &manager->actions[manager->n_actions];
                int saved = saved_choice(manager, known_actions[i].name);

                if (word_in_list(manager->options.block_actions, known_actions[i].name) ||
                    word_in_list(manager->config->block, known_actions[i].name))
                        continue;
                *action = (struct action){
                        .name = known_actions[i].name,
                        .description = known_actions[i].description,
                        .wanted = saved < 0 ? known_actions[i].wanted : saved > 0,
                };
                action->enabled = action->wanted && is_possible(manager, i);
                manager->n_actions++;
        }
}

static struct action *find_action(struct manager *manager, const char *name) {
        for (uint32_t i = 0; i < manager->n_actions; i++)
                if (strcmp(manager->actions[i].name, name) == 0)
                        return &manager->actions[i];
        return NULL;
}

static const char *action_of_knob(const char *knob) {
        for (size_t i = 0; i < ARRAY_SIZE(known_actions); i++)
                if (strcmp(known_actions[i].knob, knob) == 0)
                        return known_actions[i].name;
        return "";
}

bool manager_action_enabled(const char *knob, void *userdata) {
        const struct action *action = find_action(userdata, action_of_knob(knob));

        return action && action->enabled;
}

size_t manager_actions(const struct manager *manager, const struct action **ret) {
        *ret = manager->actions;
        return manager->n_actions;
}

static void save_action(struct manager *manager, const char *name, bool enabled) {
        struct state *state = &manager->state;
        uint32_t i = 0;

        while (i < state->n_actions && strcmp(state->actions[i].name, name) != 0)
                i++;
        if (i == STATE_ACTIONS_MAX)
                return;
        if (i == state->n_actions)
                (void) TEXT_FORMAT(state->actions[state->n_actions++].name, "%s", name);
        state->actions[i].enabled = enabled;
        manager_save(manager);
}

int manager_set_action(struct manager *manager, const char *name, bool enabled) {
        struct action *action = find_action(manager, name);

        if (!action)
                return -ENOENT;
        action->wanted = enabled;
        save_action(manager, name, enabled);
        for (uint32_t i = 0; i < ARRAY_SIZE(known_actions); i++)
                if (strcmp(known_actions[i].name, name) == 0)
                        action->enabled = enabled && is_possible(manager, i);
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

/* A sensor on a file that we hold changed ourselves says nothing about heat. */
static bool we_changed_file(const struct manager *manager, const char *path) {
        for (uint32_t i = 0; i < manager->knobs.n; i++)
                if (manager->knobs.items[i].ledger_id > 0 && manager->knobs.items[i].path == path)
                        return true;
        return false;
}

static bool sensor_is_on(const struct knob *knob) {
        char value[GOVERNORD_VALUE_MAX];

        return knob_read(knob, value) > 0 && strcmp(value, "0") != 0;
}

static uint32_t degraded_by_sensors(const struct manager *manager) {
        uint32_t degraded = 0;

        for (uint32_t i = 0; i < manager->knobs.n_groups; i++) {
                const struct knob_group *group = &manager->knobs.groups[i];

                if (!(group->row->flags & (GOV_KNOB_HEAT | GOV_KNOB_LAP)))
                        continue;
                for (uint32_t k = group->first; k < group->first + group->count; k++) {
                        const struct knob *knob = &manager->knobs.items[k];

                        if (!sensor_is_on(knob))
                                continue;
                        if (group->row->flags & GOV_KNOB_LAP)
                                degraded |= DEGRADED_LAP;
                        else if (knob->path[0] == '\0' || !we_changed_file(manager, knob->path))
                                degraded |= DEGRADED_HEAT;
                }
        }
        return degraded;
}

/* Their number; *ret is the first. */
static uint32_t count_leftover_limits(const struct manager *manager, const struct knob **ret) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < manager->knobs.n_groups; i++) {
                const struct knob_group *group = &manager->knobs.groups[i];

                if (!(group->row->flags & GOV_KNOB_LIMIT_MAX))
                        continue;
                for (uint32_t k = group->first; k < group->first + group->count; k++)
                        if (knob_is_leftover_limit(&manager->knobs.items[k]) && n++ == 0)
                                *ret = &manager->knobs.items[k];
        }
        return n;
}

static void tell_leftover_limits(const struct manager *manager, const struct knob *first, uint32_t n) {
        char name[128], more[32] = "";

        knob_format_name(first, name, sizeof(name));
        if (n > 1)
                (void) TEXT_FORMAT(more, " (and %u more)", n - 1);
        log_notice("%s%s is %s%s%s, less than half of %" PRId64 ": a limit from before is in force, and profile %s leaves it alone",
                   name, more, first->value, knob_unit_name(first->row->unit)[0] ? " " : "", knob_unit_name(first->row->unit),
                   first->max, manager->active->name);
}

/* To a profile that saves power they do no harm. */
static uint32_t degraded_by_leftover_limits(const struct manager *manager) {
        const struct knob *first = NULL;
        uint32_t n = 0;

        if (manager->active && manager->active->base != PROFILE_POWER_SAVER)
                n = count_leftover_limits(manager, &first);
        if (n > 0 && !(manager->degraded & DEGRADED_LIMITED))
                tell_leftover_limits(manager, first, n);
        return n > 0 ? DEGRADED_LIMITED : 0;
}

void manager_update_degraded(struct manager *manager) {
        uint32_t degraded = degraded_by_sensors(manager) | (manager->heat && heat_is_hot(manager->heat) ? DEGRADED_HEAT : 0);

        for (uint32_t i = 0; i < manager->knobs.n; i++)
                if (manager->knobs.items[i].state == KNOB_FAILED) {
                        degraded |= DEGRADED_KNOBS;
                        break;
                }
        if (manager->state_unsaved || manager->ledger_failing)
                degraded |= DEGRADED_NOT_SAVED;
        degraded |= degraded_by_leftover_limits(manager);
        if (manager->config_error[0])
                degraded |= DEGRADED_CONFIG;
        if (degraded == manager->degraded)
                return;
        manager->degraded = degraded;
        manager->changed |= CHANGED_DEGRADED;
}

uint32_t manager_degraded(const struct manager *manager) {
        return manager->degraded;
}
