/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's life: what is opened when, in which order it starts and stops, and how the rest of the service hears of changes. All
 * decisions are in the files that manager-private.h names. */

#include "core/manager/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/config/config-file.h"
#include "core/manager/manager-private.h"

#define PPD_STATE_FILE "/var/lib/power-profiles-daemon/state.ini"

/* Every knob of every CPU keeps its file open; the kernel's default of 1024 is for programs that use select(). */
static void raise_descriptor_limit(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

int manager_new(sd_event *event, const struct manager_options *options, struct manager **ret) {
        struct manager *manager = calloc(1, sizeof(*manager));

        if (!manager)
                return -ENOMEM;
        raise_descriptor_limit();
        manager->options = *options;
        manager->event = sd_event_ref(event);
        manager->root_fd = open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (manager->root_fd < 0) {
                int r = -errno;

                manager_free(manager);
                return r;
        }
        *ret = manager;
        return 0;
}

void manager_listen(struct manager *manager, const struct listener *listener) {
        manager->listener = *listener;
}

void manager_publish(struct manager *manager) {
        uint32_t changed = manager->changed;

        manager->changed = 0;
        if (changed & (CHANGED_ACTIVE | CHANGED_PROFILES | CHANGED_ACTIONS))
                manager_forget_ineffective(manager);
        if (changed && manager->started && manager->listener.changed)
                manager->listener.changed(changed, manager->listener.userdata);
}

/* -- state -- */

static int state_path(const struct manager *manager, char *ret, size_t size) {
        return text_format(ret, size, "%s/%s", manager->options.state_dir,
                           manager->options.state_file ? manager->options.state_file : "state.ini");
}

/* The next save replaces the file, also one that could not be read. */
static void keep_state(const struct manager *manager, const char *path, uint32_t version) {
        char name[PATH_MAX];
        int r = manager->options.dry_run ? 0 : state_keep(path, version, name, sizeof(name));

        if (r < 0)
                (void) log_warning(r, "Cannot keep a copy of %s; the next choice replaces it", path);
        else if (!manager->options.dry_run)
                log_notice("%s as it was found is kept as %s", path, name);
}

static void report_state(const struct manager *manager, const char *path, int r, const struct state_trouble *trouble) {
        if (r < 0)
                (void) log_warning(0, "Cannot read %s (%s), starting with the defaults", path, config_file_reason(r));
        if (trouble->version > 0)
                (void) log_warning(
                        0,
                        "%s has format %u, and this version of governord knows format %d; choices that are not known here are "
                        "left out",
                        path, trouble->version, STATE_VERSION);
        for (uint32_t i = 0; trouble->version == 0 && i < MIN(trouble->n_bad, (uint32_t) STATE_BAD_SHOWN); i++)
                (void) log_warning(0, "%s:%u: the line is not understood and was skipped", path, trouble->bad[i]);
        if (trouble->version == 0 && trouble->n_bad > STATE_BAD_SHOWN)
                (void) log_warning(0, "%s: %u more line%s not understood and skipped", path, trouble->n_bad - STATE_BAD_SHOWN,
                                   text_plural(trouble->n_bad - STATE_BAD_SHOWN));
        if (r < 0 || trouble->version > 0 || trouble->n_bad > 0)
                keep_state(manager, path, trouble->version);
}

static void load_state(struct manager *manager) {
        struct state_trouble trouble;
        char path[PATH_MAX];
        int r;

        manager->state.battery_aware = -1;
        if (state_path(manager, path, sizeof(path)) < 0)
                return;
        r = state_load(path, &manager->state, &trouble);
        if (r != -ENOENT)
                report_state(manager, path, r, &trouble);
        else if (!manager->options.simulated && state_load(PPD_STATE_FILE, &manager->state, &trouble) >= 0)
                log_notice("Taking over the choices of power-profiles-daemon%s",
                           trouble.n_bad > 0 ? "; lines that it alone knows were left out" : "");
}

void manager_save(struct manager *manager) {
        char path[PATH_MAX];
        int r;

        if (manager->options.dry_run)
                return;
        r = state_path(manager, path, sizeof(path));
        if (r >= 0)
                r = state_save(path, &manager->state);
        if (r < 0 && !manager->state_unsaved)
                (void) log_warning(
                        r, "Cannot save the choice to %s; it is in force, but lost at the next start unless a later save works",
                        path);
        manager->state_unsaved = r < 0;
        manager_update_degraded(manager);
}

/* -- configuration -- */

static const char *driver_option(const char *driver, const char *key, void *userdata) {
        const struct manager *manager = userdata;

        return config_driver_option(manager->config, driver, key);
}

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
const struct requests *manager_requests(const struct manager *manager) {
        return &manager->requests;
}

/* -- events from outside -- */

static void surroundings_changed(struct manager *manager, uint32_t changed, const char *cause) {
        manager->changed |= changed;
        manager_follow_circumstances(manager);
        manager_update_rules(manager);
        if (manager->started)
                (void) manager_apply(manager, false, cause, "governord", NULL);
        manager_publish(manager);
}

static void on_power(const struct power_state *state, void *userdata) {
        surroundings_changed(userdata, CHANGED_POWER, state->on_battery ? "on battery" : "on mains");
}

static void on_program(const char *exe, uint32_t running, void *userdata) {
        struct manager *manager = userdata;

        if (!names_set(&manager->programs, exe, running > 0) || manager->counting)
                return;
        manager->changed |= CHANGED_RULES;
        manager_update_rules(manager);
        manager_publish(manager);
}

/* A battery says "change" at every percent, which power-source.c hears by itself, and a firmware profile at each choice, also at ours,
 * which its file tells. Here only devices that come and go matter. */
static void on_hotplug(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata) {
        static const char *const drivers[] = { HOTPLUG_DRIVER_SUBSYSTEMS };
        bool changes = strcmp(subsystem, "power_supply") == 0 || strcmp(subsystem, "platform-profile") == 0;

        for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
                if (strcmp(subsystem, drivers[i]) == 0) {
                        manager_ask_late_drivers(userdata, false);
                        return;
                }
        if (!changes || strcmp(action, "change") != 0)
                manager_schedule_reprobe(userdata, "hardware came or went");
}

static void on_heat(bool hot, void *userdata) {
        struct manager *manager = userdata;

        log_notice("%s", hot ? "The kernel slows the CPUs down because of heat" : "The CPUs are cool enough again");
        manager_update_degraded(manager);
        manager_publish(manager);
}

/* What sleep has reset cannot be told from what another program changed before it, so everything is taken back; but for a mode of the
 * firmware that is still there: sleep would have reset it. */
static void forget_yielded(struct manager *manager) {
        for (uint32_t i = 0; i < manager->knobs.n; i++) {
                struct knob *knob = &manager->knobs.items[i];
                char value[GOVERNORD_VALUE_MAX];

                if (knob->state != KNOB_YIELDED ||
                    ((knob->row->flags & GOV_KNOB_FIRMWARE) && knob_read(knob, value) >= 0 && text_equal(knob->value, value)))
                        continue;
                knob->state = knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
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

void manager_set_external_power(struct manager *manager, bool on_battery, int percent) {
        if (manager->power)
                power_source_set_external(manager->power, on_battery, percent);
}

void manager_clear_external_power(struct manager *manager) {
        if (manager->power)
                power_source_clear_external(manager->power);
}

void manager_set_idle(struct manager *manager, bool idle) {
        if (manager->idle == idle)
                return;
        manager->idle = idle;
        manager->changed |= CHANGED_RULES;
        manager_update_rules(manager);
        manager_publish(manager);
}

void manager_forget_units(struct manager *manager) {
        manager->units.n = 0;
}

void manager_set_unit_active(struct manager *manager, const char *unit, bool active) {
        if (!names_set(&manager->units, unit, active))
                return;
        manager->changed |= CHANGED_RULES;
        manager_update_rules(manager);
        manager_publish(manager);
}

/* -- watching -- */

/* What matters when another program writes it: knobs with a target or that bound one, what a key or a driver may change, and what
 * means degraded. */
static bool is_worth_watching(const struct knob *knob) {
        const uint32_t flags = GOV_KNOB_FIRMWARE | GOV_KNOB_PROBE | GOV_KNOB_HEAT | GOV_KNOB_LAP;

        return knob->path[0] != '\0' && !knob->watched &&
               (knob->wanted || knob->bounds || (knob->row->flags & flags) || knob_is_leftover_limit(knob));
}

static int on_watch_later(sd_event_source *source, void *userdata) {
        struct manager *manager = userdata;

        for (uint32_t i = 0; i < manager->knobs.n; i++) {
                struct knob *knob = &manager->knobs.items[i];

                if (!is_worth_watching(knob) || watch_add(manager->watch, knob->path, i) < 0)
                        continue;
                knob->watched = true;
                manager_catch_up(manager, knob);
        }
        return 0;
}

void manager_watch_later(struct manager *manager) {
        if (!manager->watch || manager->options.dry_run)
                return;
        if (!manager->watch_later && sd_event_add_defer(manager->event, &manager->watch_later, on_watch_later, manager) < 0)
                return;
        (void) sd_event_source_set_enabled(manager->watch_later, SD_EVENT_ONESHOT);
}

/* -- start and stop -- */

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
                                (void) log_warning(r, "Rules about programs cannot work here%s%s", why[0] ? ", " : "", why);
                                return;
                        }
                        if (apps_add(manager->apps, config->rules[i].conditions[j].text) < 0)
                                (void) log_warning(0,
                                                   "%s: %s does not exist, and neither does its folder; the rule waits for nothing",
                                                   config->rules[i].origin, config->rules[i].conditions[j].text);
                }
}

/* Rules are judged when all programs are counted: half of them would look as if the others had ended. */
void manager_follow_programs(struct manager *manager) {
        manager->counting = true;
        manager->programs.n = 0;
        if (manager->apps)
                apps_clear(manager->apps);
        add_programs(manager);
        manager->counting = false;
}

static void start_sources(struct manager *manager) {
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
        r = watch_new(manager->event, manager->root_fd, manager->options.root, manager_on_watch, manager, &manager->watch);
        if (r < 0)
                (void) log_warning(r, "Cannot watch files; changes by other programs go unnoticed");
        if (!manager->options.simulated && hotplug_new(manager->event, NULL, on_hotplug, manager, &manager->hotplug) < 0)
                log_debug("No uevents here: hardware that comes or goes is noticed at the next resume or reload");
        if (!manager->options.simulated && resume_new(manager->event, on_resume, manager, &manager->resume) < 0)
                log_debug("The kernel does not tell of resume from sleep; only logind does, where it runs");
        if (!manager->options.simulated && heat_new(manager->event, manager->root_fd, on_heat, manager, &manager->heat) < 0)
                log_debug("No thermal events here: only sensors of drivers tell of heat");
        manager_follow_programs(manager);
}

static int load_plugins(struct manager *manager) {
        int r;

        manager->plugin_host = (struct plugin_host){
                .root_fd = manager->root_fd,
                .simulated = manager->options.simulated,
                .rig = manager->options.rig,
                .trust_any_owner = manager->options.simulated,
                .option = driver_option,
                .userdata = manager,
        };
        r = plugins_load(manager->options.driver_dir, &manager->plugin_host, &manager->plugins, &manager->n_plugins);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) log_error(r, "Cannot read driver directory %s; no hardware will be driven", manager->options.driver_dir);
        manager->driver_sources = calloc(manager->n_plugins + 1, sizeof(sd_event_source *));
        return manager->driver_sources ? 0 : -ENOMEM;
}

static void report_ledger(const struct manager *manager) {
        const struct ledger_trouble *trouble = ledger_trouble(manager->ledger);
        const char *directory = manager->options.runtime_dir;

        for (uint32_t i = 0; i < MIN(trouble->n_bad, (uint32_t) LEDGER_BAD_SHOWN); i++)
                (void) log_error(0, "%s/ledger:%u: the line is damaged and was skipped", directory, trouble->bad[i]);
        if (trouble->n_bad > LEDGER_BAD_SHOWN)
                (void) log_error(0, "%s/ledger: %u more line%s damaged and skipped", directory, trouble->n_bad - LEDGER_BAD_SHOWN,
                                 text_plural(trouble->n_bad - LEDGER_BAD_SHOWN));
        if (trouble->too_long)
                (void) log_error(0, "%s/ledger is too long, its end was not read", directory);
        if (trouble->version > 0)
                (void) log_error(
                        0,
                        "%s/ledger has format %u, and this version of governord knows format %d only; the original values in it "
                        "are not put back, that version of governord can do so with the file under its former name",
                        directory, trouble->version, LEDGER_VERSION);
        if (trouble->kept_as[0])
                (void) log_error(0, "The ledger as it was found is kept as %s/%s; %u original value%s could be read", directory,
                                 trouble->kept_as, ledger_count(manager->ledger), text_plural(ledger_count(manager->ledger)));
}

static int open_ledger(struct manager *manager) {
        char boot_id[64];
        int r;

        if (attr_read(manager->root_fd, "proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id)) < 0)
                strcpy(boot_id, "simulated");
        if (manager->options.dry_run) {
                r = ledger_peek(manager->options.runtime_dir, boot_id, &manager->ledger);
                manager->beside_service = r > 0;
                return MIN(r, 0);
        }
        r = ledger_open(manager->options.runtime_dir, boot_id, &manager->ledger);
        if (r == -EINTR)
                return log_error(r, "Asked to stop while another instance still had the ledger in %s",
                                 manager->options.runtime_dir);
        if (r < 0)
                return log_error(r, "Cannot open the ledger in %s; without it settings could be lost, so not starting",
                                 manager->options.runtime_dir);
        report_ledger(manager);
        return 0;
}

static void make_directories(const struct manager *manager) {
        if (manager->options.dry_run)
                return;
        (void) mkdir(manager->options.state_dir, 0700); /* whoever can open the ledger's folder can lock it */
        (void) mkdir(manager->options.runtime_dir, 0700);
}

int manager_start(struct manager *manager) {
        struct decision decision;
        int r;

        make_directories(manager);
        r = manager_load_config(manager);
        if (r >= 0)
                r = open_ledger(manager);
        if (r >= 0)
                r = load_plugins(manager);
        if (r < 0)
                return r;
        load_state(manager);
        manager->battery_aware = manager->state.battery_aware < 0 || manager->options.ignore_power ?
                                         manager->config->battery_aware :
                                         manager->state.battery_aware > 0;
        r = manager_probe(manager);
        if (r < 0)
                return r;
        manager_recover(manager);
        start_sources(manager);
        manager_init_actions(manager);
        manager_choose_initial(manager);
        manager_report_saved(manager);
        manager_restore_levels(manager);
        if (!manager->options.dry_run)
                (void) manager_update_active(manager, true, "start", "governord", NULL);
        else {
                choice_decide(&manager->choice, &manager->requests, manager->config, manager->available, &decision);
                manager->active = decision.profile;
        }
        manager_follow_circumstances(manager); /* as they are at the start */
        manager_update_degraded(manager);
        if (!manager->options.config)
                manager_log_ineffective(manager, manager->rejected ? manager->rejected : manager->config);
        manager->rejected = config_free(manager->rejected);
        manager->started = true;
        manager->changed = 0;
        return 0;
}

void manager_stop(struct manager *manager) {
        if (manager->stopped || !manager->started)
                return;
        manager->stopped = true;
        manager_end_all_requests(manager);
        if (manager->state_unsaved)
                manager_save(manager);
        manager_give_all_back(manager, "stop");
}

struct manager *manager_free(struct manager *manager) {
        if (!manager)
                return NULL;
        manager_stop(manager);
        manager_end_all_requests(manager);
        manager->deadline = sd_event_source_disable_unref(manager->deadline);
        manager->watch_later = sd_event_source_disable_unref(manager->watch_later);
        manager->reprobe_later = sd_event_source_disable_unref(manager->reprobe_later);
        manager->doubts_later = sd_event_source_disable_unref(manager->doubts_later);
        free(manager->doubts);
        manager_unprobe(manager);
        knobs_done(&manager->knobs);
        topology_done(&manager->topology);
        demands_done(&manager->demands);
        idle_done(&manager->idle_states);
        plugins_free(manager->plugins, manager->n_plugins);
        free(manager->driver_sources);
        manager->ledger = ledger_free(manager->ledger);
        manager->power = power_source_free(manager->power);
        manager->apps = apps_free(manager->apps);
        manager->hotplug = hotplug_free(manager->hotplug);
        manager->resume = resume_free(manager->resume);
        manager->heat = heat_free(manager->heat);
        manager->watch = watch_free(manager->watch);
        manager->rejected = config_free(manager->rejected);
        manager->config = config_free(manager->config);
        (void) close_fd(manager->root_fd);
        sd_event_unref(manager->event);
        free(manager);
        return NULL;
}
