/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/events.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/machine/access.h"
#include "core/manager/foreign.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"

/* Delay after the registration of a kernel driver, or after a driver has reported a change: the kernel creates files one by one, with
 * values that are no choice of the user. */
#define SETTLE_USEC 100000
#define LATE        "the hardware that a driver waited for has appeared"

/* Subsystems whose uevents announce kernel drivers instead of hardware. */
static const char *const driver_subsystems[] = { HOTPLUG_DRIVER_SUBSYSTEMS };

/* -- conditions of rules -- */

static void rules_may_differ(struct manager *manager) {
        manager->changed |= CHANGED_RULES;
        (void) manager_settle(manager, &(struct turn){});
}

void manager_set_idle(struct manager *manager, bool idle) {
        if (manager->idle == idle)
                return;
        manager->idle = idle;
        rules_may_differ(manager);
}

void manager_forget_units(struct manager *manager) {
        manager->units.n = 0;
}

void manager_set_unit_active(struct manager *manager, const char *unit, bool active) {
        if (names_set(&manager->units, unit, active))
                rules_may_differ(manager);
}

static void on_program(const char *exe, uint32_t running, void *userdata) {
        struct manager *manager = userdata;

        if (names_set(&manager->programs, exe, running > 0) && !manager->counting)
                rules_may_differ(manager);
}

static void add_programs(struct manager *manager) {
        const struct config *config = manager->config;
        const char *why = "";
        int r;

        for (size_t i = 0; i < config->n_rules; i++)
                for (uint32_t j = 0; j < config->rules[i].n_conditions; j++) {
                        if (config->rules[i].conditions[j].kind != RULE_EXE)
                                continue;
                        r = manager->apps ? 0 : apps_new(manager->event, on_program, manager, &manager->apps, &why);
                        if (r < 0) {
                                (void) log_warning(r, "Rules for programs have no effect%s%s", why[0] ? ": " : "", why);
                                return;
                        }
                        r = apps_add(manager->apps, config->rules[i].conditions[j].text);
                        if (r < 0)
                                (void) log_warning(r, "%s: cannot watch %s, so the rule has no effect until the next reload",
                                                   config->rules[i].origin, config->rules[i].conditions[j].text);
                }
}

void events_follow_programs(struct manager *manager) {
        manager->counting = true;
        manager->programs.n = 0;
        manager->apps = apps_free(manager->apps);
        add_programs(manager);
        manager->counting = false;
}

/* -- power -- */

static void on_power(const struct power_state *state, void *userdata) {
        struct manager *manager = userdata;

        manager->changed |= CHANGED_POWER;
        if (manager->started)
                (void) manager_settle(
                        manager, &(struct turn){ .dirty = DIRTY_PLAN, .cause = state->on_battery ? "on battery" : "on mains" });
}

void manager_set_external_power(struct manager *manager, bool on_battery, int percent) {
        if (manager->power)
                power_source_set_external(manager->power, on_battery, percent);
}

void manager_clear_external_power(struct manager *manager) {
        if (manager->power)
                power_source_clear_external(manager->power);
}

/* -- hardware -- */

void manager_reprobe(struct manager *manager, const char *why) {
        machine_mark_stale(&manager->machine, NULL);
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_PROBE, .cause = why });
}

int events_on_reprobe(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;

        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_PROBE, .cause = manager->later.reprobe_why });
        return 0;
}

int events_on_answers(sd_event_source *source, void *userdata) {
        (void) manager_settle(userdata, &(struct turn){});
        return 0;
}

int events_on_expire(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;

        machine_expire(&manager->machine, clock_usec(CLOCK_MONOTONIC));
        later_expire(&manager->later, machine_deadline(&manager->machine));
        return 0;
}

void events_probe_late_drivers(struct manager *manager, bool at_once) {
        if (!machine_probe_late(&manager->machine, manager->options.block_drivers))
                return;
        if (at_once)
                manager_reprobe(manager, LATE);
        else
                later_reprobe(&manager->later, LATE, SETTLE_USEC);
}

/* The event "change" is ignored for two subsystems. Batteries send it at every percent, which power-source.c handles. Platform
 * profiles send it at each choice, including those of the service; their files are watched. A CPU that goes offline causes several
 * events, but only one probe, in the next turn of the event loop. */
static void on_hotplug(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata) {
        bool sends_changes = strcmp(subsystem, "power_supply") == 0 || strcmp(subsystem, "platform-profile") == 0;
        bool changed = strcmp(action, "change") == 0;
        struct manager *manager = userdata;

        for (size_t i = 0; i < ARRAY_SIZE(driver_subsystems); i++)
                if (strcmp(subsystem, driver_subsystems[i]) == 0) {
                        events_probe_late_drivers(manager, false);
                        return;
                }
        if (sends_changes && changed)
                return;
        machine_mark_stale(&manager->machine, subsystem);
        later_reprobe(&manager->later, changed ? "hardware has changed" : "hardware was added or removed", 0);
}

static int listen_for_devices(struct manager *manager) {
        const char *subsystems[HOTPLUG_SUBSYSTEMS_MAX + 1];
        size_t n = 0;

        machine_subsystems(&manager->machine, subsystems, ARRAY_SIZE(subsystems) - ARRAY_SIZE(driver_subsystems));
        while (subsystems[n])
                n++;
        for (size_t i = 0; i < ARRAY_SIZE(driver_subsystems); i++)
                subsystems[n++] = driver_subsystems[i];
        subsystems[n] = NULL;
        return hotplug_new(manager->event, subsystems, on_hotplug, manager, &manager->hotplug);
}

static int on_driver(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        struct manager *manager = userdata;
        int r = 0;

        for (size_t i = 0; i < manager->machine.n_plugins; i++) {
                struct plugin *plugin = manager->machine.plugins[i];

                if (manager->driver_sources[i] != source)
                        continue;
                r = access_dispatch(plugin);
                plugin->stale |= r == GOV_DISPATCH_PROBE;
        }
        if (r == GOV_DISPATCH_PROBE)
                later_reprobe(&manager->later, "a driver reported that its hardware changed", SETTLE_USEC);
        else if (r == GOV_DISPATCH_SENSORS)
                (void) manager_settle(manager, &(struct turn){});
        else if (r < 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return 0;
}

static void watch_driver(struct manager *manager, size_t index) {
        struct plugin *plugin = manager->machine.plugins[index];
        int fd;

        if (plugin->state != PLUGIN_LOADED || manager->driver_sources[index])
                return;
        fd = access_fd(plugin);
        if (fd >= 0)
                (void) sd_event_add_io(manager->event, &manager->driver_sources[index], fd, EPOLLIN, on_driver, manager);
}

static void on_heat(bool hot, void *userdata) {
        struct manager *manager = userdata;

        log_notice("%s", hot ? "The kernel throttles the CPUs because of heat" : "The CPUs have cooled down again");
        (void) manager_settle(manager, &(struct turn){});
}

/* After sleep, a value that the sleep has reset cannot be distinguished from one that another program had written before. The
 * service therefore manages all knobs again, except those with a firmware mode that sleep has not reset. */
static void forget_yielded(struct manager *manager) {
        for (uint32_t i = 0; i < manager->machine.knobs.n; i++) {
                struct knob *knob = &manager->machine.knobs.items[i];
                char value[GOVERNORD_VALUE_MAX];

                if (knob->state != KNOB_YIELDED ||
                    ((knob->row->flags & GOV_KNOB_FIRMWARE) && knob_read(knob, value) >= 0 && text_equal(knob->value, value)))
                        continue;
                knob->state = knob_managed_state(knob);
        }
}

void manager_resumed(struct manager *manager) {
        forget_yielded(manager);
        if (manager->power)
                power_source_refresh(manager->power);
        manager_reprobe(manager, "resume from sleep");
}

static void on_resume(void *userdata) {
        manager_resumed(userdata);
}

/* -- files that other programs may write -- */

/* Returns true if the knob's file is not watched yet and its changes matter: those of knobs with a target, of limits that bound a
 * target, of low upper limits that the service has not set, of modes, and of sensors of degradation. */
static bool is_worth_watching(const struct knob *knob) {
        const uint32_t flags = GOV_KNOB_FIRMWARE | GOV_KNOB_PROBE | GOV_KNOB_HEAT | GOV_KNOB_LAP;

        return knob->path[0] != '\0' && !knob->watched &&
               (knob->wanted || knob->bounds || (knob->row->flags & flags) || knob_is_leftover_limit(knob));
}

/* Watches the files of knobs and the descriptors of drivers that are new since the last call. */
int events_on_watch(sd_event_source *source, void *userdata) {
        struct manager *manager = userdata;

        for (size_t i = 0; i < manager->machine.n_plugins; i++)
                watch_driver(manager, i);
        for (uint32_t i = 0; manager->watch && i < manager->machine.knobs.n; i++) {
                struct knob *knob = &manager->machine.knobs.items[i];

                if (!is_worth_watching(knob) || watch_add(manager->watch, knob->path, i) < 0)
                        continue;
                knob->watched = true;
                foreign_catch_up(manager, knob);
        }
        return 0;
}

/* -- start -- */

void events_start(struct manager *manager) {
        const struct power_source_options power = {
                .root_fd = manager->root_fd,
                .root_path = manager->options.root,
                .use_class = manager->options.use_power_class,
                .simulated = manager->options.simulated,
        };
        int r;

        if (!manager->options.ignore_power && power_source_new(manager->event, &power, on_power, manager, &manager->power) < 0)
                manager->power = NULL;
        if (manager->options.dry_run)
                return;
        r = watch_new(manager->event, manager->root_fd, manager->options.root, foreign_on_watch, manager, &manager->watch);
        if (r < 0)
                (void) log_warning(r, "Cannot watch files, so changes by other programs are not noticed");
        if (!manager->options.simulated && listen_for_devices(manager) < 0)
                log_debug("Uevents are not available; added or removed hardware is noticed at the next resume or reload");
        if (!manager->options.simulated && resume_new(manager->event, on_resume, manager, &manager->resume) < 0)
                log_debug("The kernel cannot report resume from sleep; only logind does, if it is running");
        if (!manager->options.simulated && heat_new(manager->event, manager->root_fd, on_heat, manager, &manager->heat) < 0)
                log_debug("Thermal events are not available; heat is reported only by sensors of drivers");
        events_follow_programs(manager);
}
