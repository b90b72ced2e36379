/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/actions.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

/* The actions of power-profiles-daemon (PPD): PPD's name, the knob of this service, PPD's description and default. */
static const struct {
        const char *name, *knob, *description;
        bool wanted;
} known_actions[] = {
        { "trickle_charge", "trickle-charge", "Charge selected external devices slowly to save power", true },
        { "amdgpu_panel_power", "amdgpu-panel-power", "Panel Power Savings", false },
        { "amdgpu_dpm", "amdgpu-dpm", "Adjust GPU dynamic power management", false },
};

static bool machine_has_knob(const struct knobs *knobs, const char *knob) {
        for (uint32_t i = 0; i < knobs->n_groups; i++)
                if (strcmp(knobs->groups[i].name, knob) == 0)
                        return true;
        return false;
}

/* As in PPD, trickle_charge can be enabled on every machine: a device to charge may be connected at any time. */
static bool is_possible(const struct knobs *knobs, const char *name) {
        if (strcmp(name, "trickle_charge") == 0)
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(known_actions); i++)
                if (strcmp(known_actions[i].name, name) == 0)
                        return machine_has_knob(knobs, known_actions[i].knob);
        return false;
}

static int saved_choice(const struct state *state, const char *name) {
        for (uint32_t i = 0; i < state->n_actions; i++)
                if (strcmp(state->actions[i].name, name) == 0)
                        return state->actions[i].enabled;
        return -1;
}

void actions_init(struct actions *actions, const struct knobs *knobs, const struct state *state, const char *blocked,
                  const char *also_blocked) {
        actions->n = 0;
        for (size_t i = 0; i < ARRAY_SIZE(known_actions); i++) {
                const char *name = known_actions[i].name;
                struct action *action = &actions->items[actions->n];
                int saved = saved_choice(state, name);

                if (word_in_list(blocked, name) || word_in_list(also_blocked, name))
                        continue;
                *action = (struct action){ .name = name, .description = known_actions[i].description };
                action->wanted = saved < 0 ? known_actions[i].wanted : saved > 0;
                action->enabled = action->wanted && is_possible(knobs, name);
                actions->n++;
        }
}

static void remember(struct state *state, const char *name, bool enabled) {
        uint32_t i = 0;

        while (i < state->n_actions && strcmp(state->actions[i].name, name) != 0)
                i++;
        if (i == STATE_ACTIONS_MAX)
                return;
        if (i == state->n_actions)
                (void) TEXT_FORMAT(state->actions[state->n_actions++].name, "%s", name);
        state->actions[i].enabled = enabled;
}

int actions_set(struct actions *actions, const struct knobs *knobs, struct state *state, const char *name, bool enabled) {
        for (uint32_t i = 0; i < actions->n; i++) {
                struct action *action = &actions->items[i];

                if (strcmp(action->name, name) != 0)
                        continue;
                action->wanted = enabled;
                action->enabled = enabled && is_possible(knobs, name);
                remember(state, name, enabled);
                return 0;
        }
        return -ENOENT;
}

bool actions_allow(const struct actions *actions, const char *knob) {
        for (size_t i = 0; i < ARRAY_SIZE(known_actions); i++)
                for (uint32_t k = 0; strcmp(known_actions[i].knob, knob) == 0 && k < actions->n; k++)
                        if (strcmp(actions->items[k].name, known_actions[i].name) == 0)
                                return actions->items[k].enabled;
        return false;
}
