/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding drivers, CPUs and knobs, once at start and again whenever hardware or a driver's mode changed. Knobs that are still there
 * keep their history and their originals. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/machine/access.h"
#include "core/manager/manager-private.h"

/* A kernel driver that registers sets its files up one after the other; what it starts with is no wish. */
#define SETTLE_USEC 100000
#define LATE        "hardware came that a driver waited for"

static int on_reprobe(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;

        manager_reprobe(manager, manager->reprobe_why);
        return 0;
}

static void schedule_reprobe(struct manager *manager, const char *why, uint64_t delay_usec) {
        manager->reprobe_why = why;
        if (!manager->reprobe_later && sd_event_add_time_relative(manager->event, &manager->reprobe_later, CLOCK_MONOTONIC,
                                                                  delay_usec, 1, on_reprobe, manager) < 0)
                return;
        (void) sd_event_source_set_time_relative(manager->reprobe_later, delay_usec);
        (void) sd_event_source_set_enabled(manager->reprobe_later, SD_EVENT_ONESHOT);
}

/* Once per turn of the loop, however many events say so: a CPU going offline brings several. */
void manager_schedule_reprobe(struct manager *manager, const char *why) {
        schedule_reprobe(manager, why, 0);
}

static int on_driver(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        struct manager *manager = userdata;
        int r = 0;

        for (size_t i = 0; i < manager->n_plugins; i++)
                if (manager->driver_sources[i] == source)
                        r = access_dispatch(manager->plugins[i]);
        if (r == GOV_DISPATCH_PROBE)
                schedule_reprobe(manager, "a driver says that its hardware changed", SETTLE_USEC);
        else if (r == GOV_DISPATCH_SENSORS) {
                manager_update_degraded(manager);
                manager_follow_circumstances(manager);
        } else if (r < 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        manager_publish(manager);
        return 0;
}

static void watch_driver(struct manager *manager, size_t index) {
        struct plugin *plugin = manager->plugins[index];
        int fd;

        if (plugin->state != PLUGIN_LOADED)
                return;
        fd = access_fd(plugin);
        if (fd >= 0)
                (void) sd_event_add_io(manager->event, &manager->driver_sources[index], fd, EPOLLIN, on_driver, manager);
}

static void probe_plugins(struct manager *manager) {
        for (size_t i = 0; i < manager->n_plugins; i++) {
                struct plugin *plugin = manager->plugins[i];

                plugin_probe(plugin, manager->options.block_drivers);
                if (plugin->state == PLUGIN_LOADED && word_in_list(manager->config->block, plugin->name)) {
                        plugin_remove(plugin);
                        plugin->state = PLUGIN_BLOCKED;
                }
                watch_driver(manager, i);
                log_debug("Driver %s: %s%s%s%s%s", plugin->name, plugin_state_name(plugin->state),
                          plugin->info.backend[0] ? ", " : "", plugin->info.backend, plugin->note[0] ? ", " : "", plugin->note);
        }
}

int manager_probe(struct manager *manager) {
        struct knobs old = manager->knobs;
        int r;

        probe_plugins(manager);
        manager_forget_doubts(manager);
        manager->knobs = (struct knobs){};
        topology_done(&manager->topology);
        r = topology_build(&manager->topology, manager->root_fd, manager->plugins, manager->n_plugins);
        if (r >= 0)
                r = knobs_build(&manager->knobs, manager->plugins, manager->n_plugins, &manager->topology);
        if (r >= 0) {
                knobs_inherit(&manager->knobs, &old);
                manager_adopt_ledger(manager);
                knobs_stretch_ranges(&manager->knobs);
                manager_find_carriers(manager);
        }
        knobs_done(&old);
        return r;
}

void manager_unprobe(struct manager *manager) {
        manager_forget_ineffective(manager);
        for (size_t i = 0; i < manager->n_plugins && manager->driver_sources; i++)
                manager->driver_sources[i] = sd_event_source_disable_unref(manager->driver_sources[i]);
        if (manager->watch)
                watch_clear(manager->watch);
        for (size_t i = 0; i < manager->n_plugins; i++)
                plugin_remove(manager->plugins[i]);
}

void manager_reprobe(struct manager *manager, const char *why) {
        log_info("Probing again: %s", why);
        manager_unprobe(manager);
        if (manager_probe(manager) < 0) {
                (void) log_error(ENOMEM, "Cannot probe again");
                return;
        }
        manager_init_actions(manager);
        manager->changed |= CHANGED_ACTIONS;
        if (manager->active && !manager_profile_available(manager, manager->active))
                log_notice("Profile %s is no longer available here", manager->active->name);
        manager_choose_initial(manager);
        (void) manager_update_active(manager, true, why, "governord", NULL);
        if (manager->lines_unjudged)
                manager_log_ineffective(manager, manager->config);
        manager->lines_unjudged = false;
        manager_publish(manager);
}

void manager_ask_late_drivers(struct manager *manager, bool at_once) {
        bool answered = false;

        for (size_t i = 0; i < manager->n_plugins; i++) {
                struct plugin *plugin = manager->plugins[i];

                if (plugin->state != PLUGIN_LATER)
                        continue;
                plugin_probe(plugin, manager->options.block_drivers);
                answered |= plugin->state != PLUGIN_LATER;
        }
        if (answered && at_once)
                manager_reprobe(manager, LATE);
        else if (answered)
                schedule_reprobe(manager, LATE, SETTLE_USEC);
}

/* -- which driver carries out a profile -- */

/* A platform profile counts only when firmware offers enough of it, by power-profiles-daemon's rule; then it carries power-saver too,
 * even if it has to treat it as balanced. */
static bool platform_is_complete(const struct knob *knob) {
        return (knob->row->flags & GOV_KNOB_FIRMWARE) && word_in_list(knob->choices, "balanced") &&
               word_in_list(knob->choices, "performance");
}

static int carry(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct carriers *carriers = userdata;
        uint32_t kind = knob->plugin->info.kind;

        if (kind == GOV_KIND_CPU && !carriers->cpu && target->line && !target->unavailable)
                carriers->cpu = knob->plugin;
        else if (kind == GOV_KIND_PLATFORM && !carriers->platform && target->line && !target->read_only &&
                 platform_is_complete(knob))
                carriers->platform = knob->plugin;
        else if (kind == GOV_KIND_OTHER && !carriers->other && target->line && !target->unavailable)
                carriers->other = knob->plugin;
        return 0;
}

static bool is_carried(const struct carriers *carriers) {
        return carriers->cpu || carriers->platform || carriers->other;
}

void manager_find_carriers(struct manager *manager) {
        struct plan_input input;

        for (unsigned int base = 0; base < PROFILE_BASE_COUNT; base++) {
                manager->carriers[base] = (struct carriers){};
                manager_fill_plan(manager, &manager->config->profiles[base], &input);
                input.refresh = false;
                (void) plan_each(&input, &manager->knobs, carry, &manager->carriers[base]);
                manager->available[base] = base != PROFILE_PERFORMANCE || is_carried(&manager->carriers[base]);
        }
        manager->changed |= CHANGED_PROFILES;
}

bool manager_profile_available(const struct manager *manager, const struct profile *profile) {
        return manager->available[profile->base];
}

void manager_profile_drivers(const struct manager *manager, enum profile_base base, const char **ret_cpu,
                             const char **ret_platform) {
        const struct carriers *carriers = &manager->carriers[base];

        *ret_cpu = carriers->cpu ? carriers->cpu->info.backend : NULL;
        *ret_platform = carriers->platform ? carriers->platform->info.backend : NULL;
        if (!*ret_cpu && !*ret_platform && carriers->other)
                *ret_platform = carriers->other->info.backend[0] ? carriers->other->info.backend : carriers->other->name;
        if (!*ret_platform && base != PROFILE_PERFORMANCE)
                *ret_platform = "placeholder";
}
