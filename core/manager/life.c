/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creation, start, stop and destruction of the manager. */

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
#include "core/config/findings.h"
#include "core/manager/events.h"
#include "core/manager/foreign.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/reload.h"
#include "core/manager/requests.h"
#include "core/manager/saved-choice.h"
#include "core/manager/settle.h"

#define PPD_STATE_FILE "/var/lib/power-profiles-daemon/state.ini"

/* Drivers keep the files of knobs open, and each CPU can have several knobs. The default limit of 1024 only protects programs that
 * use select(). */
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

void manager_listen(struct manager *manager, struct listener *listener) {
        struct listener **end = &manager->listeners;

        while (*end)
                end = &(*end)->next;
        listener->next = NULL;
        *end = listener;
}

void manager_unlisten(struct manager *manager, struct listener *listener) {
        for (struct listener **at = &manager->listeners; *at; at = &(*at)->next)
                if (*at == listener) {
                        *at = listener->next;
                        return;
                }
}

void manager_judge_governors(struct manager *manager, const struct governor_judge *judge) {
        manager->governors = *judge;
}

/* -- state -- */

/* Keeps a copy, because the next save replaces the file even if it could not be read. */
static void keep_state(const struct manager *manager, const char *path, uint32_t version) {
        char name[PATH_MAX];
        int r = manager->options.dry_run ? 0 : state_keep(path, version, name, sizeof(name));

        if (r < 0)
                (void) log_warning(r, "Cannot keep a copy of %s; the next choice replaces it", path);
        else if (!manager->options.dry_run)
                log_notice("A copy of %s is kept as %s", path, name);
}

static void report_state(const struct manager *manager, const char *path, int r, const struct state_trouble *trouble) {
        if (r < 0)
                (void) log_warning(0, "Cannot read %s (%s); starting with the defaults", path, config_file_reason(r));
        if (trouble->version > 0)
                (void) log_warning(0,
                                   "%s has format %u, but this version of governord supports only format %d; choices that it "
                                   "does not support are ignored",
                                   path, trouble->version, STATE_VERSION);
        for (uint32_t i = 0; trouble->version == 0 && i < MIN(trouble->n_bad, (uint32_t) STATE_BAD_SHOWN); i++)
                (void) log_warning(0, "%s:%u: the line is invalid and was skipped", path, trouble->bad[i]);
        if (trouble->version == 0 && trouble->n_bad > STATE_BAD_SHOWN)
                (void) log_warning(0, "%s: skipped %u more invalid line%s", path, trouble->n_bad - STATE_BAD_SHOWN,
                                   text_plural(trouble->n_bad - STATE_BAD_SHOWN));
        if (r < 0 || trouble->version > 0 || trouble->n_bad > 0)
                keep_state(manager, path, trouble->version);
}

static void load_state(struct manager *manager) {
        struct state_trouble trouble;
        char path[PATH_MAX];
        int r;

        manager->state.battery_aware = -1;
        if (inputs_state_path(manager, path, sizeof(path)) < 0)
                return;
        r = state_load(path, &manager->state, &trouble);
        if (r != -ENOENT)
                report_state(manager, path, r, &trouble);
        else if (!manager->options.simulated && state_load(PPD_STATE_FILE, &manager->state, &trouble) >= 0)
                log_notice("Taking over the choices that power-profiles-daemon saved%s",
                           trouble.n_bad > 0 ? "; lines that governord does not support were skipped" : "");
}

/* -- configuration -- */

static const char *driver_option(const char *driver, const char *key, void *userdata) {
        const struct manager *manager = userdata;

        return config_driver_option(manager->config, driver, key);
}

static const struct access_transport *driver_transport(struct plugin *plugin, const struct gov_driver *driver, void *userdata) {
        const struct manager_options *options = &((struct manager *) userdata)->options;

        return options->transport ? options->transport(plugin, driver, options->transport_userdata) : NULL;
}

static int load_drivers(struct manager *manager) {
        int r;

        manager->machine.host = (struct plugin_host){
                .root_fd = manager->root_fd,
                .simulated = manager->options.simulated,
                .rig = manager->options.rig,
                .trust_any_owner = manager->options.simulated,
                .option = driver_option,
                .transport = driver_transport,
                .userdata = manager,
        };
        r = machine_load(&manager->machine, manager->options.driver_dir);
        if (r < 0)
                return r;
        manager->driver_sources = calloc(manager->machine.n_plugins + 1, sizeof(sd_event_source *));
        return manager->driver_sources ? 0 : -ENOMEM;
}

static void report_ledger(const struct manager *manager) {
        const struct ledger_trouble *trouble = ledger_trouble(manager->ledger);
        const char *directory = manager->options.runtime_dir;

        for (uint32_t i = 0; i < MIN(trouble->n_bad, (uint32_t) LEDGER_BAD_SHOWN); i++)
                (void) log_error(0, "%s/ledger:%u: the line is damaged and was skipped", directory, trouble->bad[i]);
        if (trouble->n_bad > LEDGER_BAD_SHOWN)
                (void) log_error(0, "%s/ledger: skipped %u more damaged line%s", directory, trouble->n_bad - LEDGER_BAD_SHOWN,
                                 text_plural(trouble->n_bad - LEDGER_BAD_SHOWN));
        if (trouble->too_long)
                (void) log_error(0, "%s/ledger is too long; its end was not read", directory);
        if (trouble->version > 0)
                (void) log_error(0,
                                 "%s/ledger has format %u, but this version of governord supports only format %d, so its "
                                 "original values are not restored; to restore them, stop governord, rename the copy of the "
                                 "file to \"ledger\", and start the version of governord that wrote it",
                                 directory, trouble->version, LEDGER_VERSION);
        if (trouble->kept_as[0])
                (void) log_error(0, "A copy of the ledger is kept as %s/%s; %u original value%s could be read from it", directory,
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
                return log_error(r, "Stopped by a signal while waiting for another instance to close the ledger in %s",
                                 manager->options.runtime_dir);
        if (r < 0)
                return log_error(
                        r, "Cannot open the ledger in %s; not starting, because original values could not be restored without it",
                        manager->options.runtime_dir);
        report_ledger(manager);
        return 0;
}

static void make_directories(const struct manager *manager) {
        if (manager->options.dry_run)
                return;
        /* mode 0700, because a process that can open the folder of the ledger can lock it */
        (void) mkdir(manager->options.state_dir, 0700);
        (void) mkdir(manager->options.runtime_dir, 0700);
}

static int prepare(struct manager *manager) {
        static const struct later_handlers handlers = { .watch = events_on_watch,
                                                        .answers = events_on_answers,
                                                        .reprobe = events_on_reprobe,
                                                        .deadline = requests_on_deadline,
                                                        .expire = events_on_expire };
        int r = reload_first(manager);

        if (r >= 0)
                r = later_init(&manager->later, manager->event, &handlers, manager);
        if (r >= 0)
                r = doubts_init(&manager->doubts, manager->event, foreign_on_doubts, manager);
        if (r >= 0)
                r = open_ledger(manager);
        return r < 0 ? r : load_drivers(manager);
}

static void log_findings(struct manager *manager) {
        struct judging judging;

        if (manager->options.config)
                return;
        inputs_judging(manager, manager->rejected ? manager->rejected : manager->config, &judging);
        ineffective_log(&judging, TAKE_PTR(manager->rejected_errors));
        manager->rejected = config_free(manager->rejected);
}

int manager_start(struct manager *manager) {
        int r;

        make_directories(manager);
        r = prepare(manager);
        if (r < 0)
                return r;
        load_state(manager);
        manager->battery_aware = manager->state.battery_aware < 0 || manager->options.ignore_power ?
                                         manager->config->battery_aware :
                                         manager->state.battery_aware > 0;
        r = manager_settle_first(manager);
        if (r < 0)
                return r;
        events_start(manager);
        requests_restore(manager);
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_OFFER, .cause = "start" });
        if (!manager->options.dry_run) /* a dry run reports it in manager_print_plan() */
                saved_choice_report(&manager->state, manager->config, manager->choice.selected, manager->available);
        log_findings(manager);
        manager->started = true;
        return 0;
}

void manager_stop(struct manager *manager) {
        if (manager->stopped || !manager->started)
                return;
        manager->stopped = true;
        manager_settle_last(manager);
}

struct manager *manager_free(struct manager *manager) {
        if (!manager)
                return NULL;
        manager_stop(manager);
        manager->stopped = true;
        machine_expire(&manager->machine, UINT64_MAX);
        for (size_t i = 0; i < manager->machine.n_plugins && manager->driver_sources; i++)
                sd_event_source_disable_unref(manager->driver_sources[i]);
        for (size_t i = 0; i < manager->requests.n; i++)
                sd_event_source_disable_unref(manager->requests.items[i]->source);
        requests_clear(&manager->requests);
        later_done(&manager->later);
        doubts_done(&manager->doubts);
        ineffective_forget(&manager->ineffective);
        demands_done(&manager->demands);
        idle_done(&manager->idle_states);
        machine_done(&manager->machine);
        free(manager->answered.items);
        (void) change_unref(manager->answered_change);
        free(manager->driver_sources);
        free(manager->bounds);
        manager->ledger = ledger_free(manager->ledger);
        manager->power = power_source_free(manager->power);
        manager->apps = apps_free(manager->apps);
        manager->hotplug = hotplug_free(manager->hotplug);
        manager->resume = resume_free(manager->resume);
        manager->heat = heat_free(manager->heat);
        manager->watch = watch_free(manager->watch);
        if (manager->rejected_errors) /* not logged yet, because the start failed */
                findings_log(manager->rejected_errors);
        free(manager->rejected_errors);
        manager->rejected = config_free(manager->rejected);
        manager->config = config_free(manager->config);
        (void) close_fd(manager->root_fd);
        sd_event_unref(manager->event);
        free(manager);
        return NULL;
}
