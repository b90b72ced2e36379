/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/inputs.h"

#include "base/text.h"
#include "core/manager/manager-private.h"

bool inputs_on_battery(const struct manager *manager) {
        return manager->power && power_source_state(manager->power)->on_battery;
}

struct profile_context inputs_context(const struct manager *manager) {
        return (struct profile_context){
                .on_battery = manager->battery_aware && inputs_on_battery(manager),
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

struct surroundings inputs_surroundings(const struct manager *manager) {
        struct power_view power;

        manager_power(manager, &power);
        return (struct surroundings){
                .on_battery = inputs_on_battery(manager),
                .percent = power.percent,
                .idle = manager->idle,
                .units = &manager->units,
                .programs = &manager->programs,
        };
}

static bool action_enabled(const char *knob, void *userdata) {
        const struct manager *manager = userdata;

        return actions_allow(&manager->actions, knob);
}

void inputs_plan(const struct manager *manager, const struct profile *profile, struct plan_input *ret) {
        *ret = (struct plan_input){
                .profile = profile,
                .context = inputs_context(manager),
                .requests = &manager->requests,
                .topology = &manager->machine.topology,
                .demands = &manager->demands,
                .enabled = manager->config->enable,
                .blocked = manager->config->block,
                .refresh = true,
                .action_enabled = action_enabled,
                .userdata = (void *) manager,
        };
}

void inputs_judging(const struct manager *manager, const struct config *config, struct judging *ret) {
        *ret = (struct judging){
                .config = config,
                .in_force = config == manager->config || !manager->config->block[0],
                .machine = &manager->machine,
                .governors = manager->governors,
        };
        inputs_plan(manager, manager->active, &ret->input);
        ret->input.enabled = config->enable;
        ret->input.blocked = config->block;
}

int inputs_state_path(const struct manager *manager, char *ret, size_t size) {
        return text_format(ret, size, "%s/%s", manager->options.state_dir,
                           manager->options.state_file ? manager->options.state_file : "state.ini");
}
