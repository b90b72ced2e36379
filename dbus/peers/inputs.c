/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes the states reported by UPower, logind and systemd to the manager. The battery charge, the idle state and units are
 * followed only if the configuration uses them, because each signal wakes an idle service. None of the three services is required:
 * without logind, the machine counts as in use; without systemd, all units count as inactive; without UPower, the manager
 * determines the power source itself, as core/watch/power-source.h describes. */

#include "dbus/peers/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "core/manager/manager.h"
#include "dbus/bus/bus.h"
#include "dbus/peers/logind.h"
#include "dbus/peers/units.h"
#include "dbus/peers/upower.h"

struct needs {
        bool percent, idle, units;
};

struct inputs {
        struct needs needs;
        struct upower *upower;
        struct logind *logind;
        struct units *units;
};

static void add_rule_needs(const struct rule *rule, struct needs *needs) {
        for (uint32_t i = 0; i < rule->n_conditions; i++) {
                needs->percent |= rule->conditions[i].kind == RULE_BATTERY_BELOW;
                needs->idle |= rule->conditions[i].kind == RULE_IDLE;
                needs->units |= rule->conditions[i].kind == RULE_UNIT;
        }
}

/* Compares the names of a knob and an action; '-' in the name of a knob is '_' in that of an action. */
static bool same_name(const char *knob, const char *action) {
        for (; *knob && *action; knob++, action++)
                if (*knob != *action && !(*knob == '-' && *action == '_'))
                        return false;
        return *knob == *action;
}

/* True if the line belongs to a disabled action. The built-in profiles contain lines of such an action that depend on the battery
 * charge; it is disabled unless a user has enabled it. */
static bool line_is_idle(const struct profile_line *line, const struct manager *manager) {
        const struct action *actions;
        size_t n = manager_actions(manager, &actions);

        for (size_t i = 0; i < n; i++)
                if (same_name(line->knob, actions[i].name))
                        return !actions[i].enabled;
        return false;
}

static bool line_needs_percent(const struct profile_line *line) {
        for (uint32_t i = 0; i < line->n_conditions; i++)
                if (line->conditions[i].kind == CONDITION_BATTERY_BELOW)
                        return true;
        return false;
}

static bool profile_needs_percent(const struct profile *profile, const struct manager *manager) {
        for (size_t i = 0; i < profile->n_lines; i++)
                if (line_needs_percent(&profile->lines[i]) && !line_is_idle(&profile->lines[i], manager))
                        return true;
        return false;
}

static struct needs needs_of(const struct manager *manager) {
        const struct config *config = manager_config(manager);
        struct needs needs = {};

        for (size_t i = 0; i < config->n_rules; i++)
                add_rule_needs(&config->rules[i], &needs);
        for (size_t i = 0; i < config->n_profiles && !needs.percent; i++)
                needs.percent = profile_needs_percent(&config->profiles[i], manager);
        return needs;
}

static void on_power(bool known, bool on_battery, int percent, void *userdata) {
        struct bus *bus = userdata;

        if (known)
                manager_set_external_power(bus->manager, on_battery, percent);
        else
                manager_clear_external_power(bus->manager);
}

static void on_sleep(bool going_down, void *userdata) {
        struct bus *bus = userdata;

        if (!going_down)
                manager_resumed(bus->manager);
}

static void on_idle(bool idle, void *userdata) {
        struct bus *bus = userdata;

        manager_set_idle(bus->manager, idle);
}

static void on_unit(const char *unit, bool active, void *userdata) {
        struct bus *bus = userdata;

        manager_set_unit_active(bus->manager, unit, active);
}

/* The manager keeps the state reported by the previous client until the new client reports one. */
static int update_upower(struct bus *bus, struct inputs *inputs, const struct needs *needs) {
        if (bus->options.disable_upower || (inputs->upower && inputs->needs.percent == needs->percent))
                return 0;
        inputs->upower = upower_free(inputs->upower);
        return upower_new(bus->bus, needs->percent, on_power, bus, &inputs->upower);
}

static int update_logind(struct bus *bus, struct inputs *inputs, const struct needs *needs) {
        static const struct logind_callbacks with_idle = { .sleep = on_sleep, .idle = on_idle };
        static const struct logind_callbacks without_idle = { .sleep = on_sleep };

        if (bus->options.disable_logind || (inputs->logind && inputs->needs.idle == needs->idle))
                return 0;
        inputs->logind = logind_free(inputs->logind);
        manager_set_idle(bus->manager, false); /* until the new client reports the state */
        return logind_new(bus->bus, needs->idle ? &with_idle : &without_idle, bus, &inputs->logind);
}

static int add_units(struct units *units, const struct rule *rule) {
        int r = 0;

        for (uint32_t i = 0; i < rule->n_conditions; i++)
                if (rule->conditions[i].kind == RULE_UNIT) {
                        int k = units_add(units, rule->conditions[i].text);

                        if (k < 0)
                                r = log_warning(k, "%s: cannot follow the state of unit %s, ignoring", rule->origin,
                                                rule->conditions[i].text);
                }
        return r;
}

/* Units of removed rules remain followed, because units_clear() would also discard the states of all other units. */
static int update_units(struct bus *bus, struct inputs *inputs, const struct needs *needs) {
        const struct config *config = manager_config(bus->manager);
        int r = 0;

        if (needs->units && !inputs->units)
                r = units_new(bus->bus, on_unit, bus, &inputs->units);
        if (!needs->units && inputs->units) {
                inputs->units = units_free(inputs->units);
                manager_forget_units(bus->manager);
        }
        for (size_t i = 0; inputs->units && i < config->n_rules; i++)
                (void) add_units(inputs->units, &config->rules[i]);
        return r;
}

void inputs_update(struct bus *bus) {
        static int (*const updates[])(struct bus * bus, struct inputs * inputs, const struct needs *needs) = {
                update_upower,
                update_logind,
                update_units,
        };
        struct needs needs;

        if (!bus->inputs)
                bus->inputs = calloc(1, sizeof(*bus->inputs));
        if (!bus->inputs || !manager_config(bus->manager))
                return;
        needs = needs_of(bus->manager);
        for (size_t i = 0; i < ARRAY_SIZE(updates); i++) {
                int r = updates[i](bus, bus->inputs, &needs);

                if (r < 0)
                        (void) log_warning(r, "Cannot follow the state of UPower, logind or systemd, ignoring");
        }
        bus->inputs->needs = needs;
}

void inputs_stop(struct bus *bus) {
        struct inputs *inputs = bus->inputs;

        if (inputs) {
                upower_free(inputs->upower);
                logind_free(inputs->logind);
                units_free(inputs->units);
        }
        free(inputs);
        bus->inputs = NULL;
}
