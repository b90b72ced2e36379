/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's main program: options, log, manager, bus, event loop. In the service, only this file includes headers of both bpf/
 * and dbus/. */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/text.h"
#include "bpf/engines.h"
#include "build-config.h"
#include "core/config/findings.h"
#include "core/machine/advice.h"
#include "core/machine/plugin.h"
#include "core/manager/manager.h"
#include "core/sessions/sessions.h"
#include "daemon/options.h"
#include "dbus/service.h"

#define PLATFORM_WORDS_MAX 256

static struct manager_options manager_options(const struct options *options) {
        return (struct manager_options) {
                .root = options->root,
                .simulated = options->simulated,
                .rig = options->umockdev,
                .driver_dir = options->driver_dir,
                .state_dir = options->state_dir,
                .runtime_dir = options->runtime_dir,
                .state_file = options->umockdev ? "ppd_test_conf.ini" : NULL,
                .config_dirs = {
                        .vendor = options->vendor_dir,
                        .admin = options->config_dir,
                        .trust_any_owner = options->simulated,
                },
                .block_drivers = options->block_drivers,
                .block_actions = options->block_actions,
                .ignore_power = options->disable_upower,
                .use_power_class = !options->umockdev, /* the tests of power-profiles-daemon expect that only UPower is used */
                .dry_run = options->dry_run,
        };
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *signal, void *userdata) {
        _cleanup_free_ char *errors = NULL;

        if (signal->ssi_signo != SIGHUP)
                return sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
        /* Type=notify-reload requires the time */
        (void) sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_usec(CLOCK_MONOTONIC));
        if (manager_reload(userdata, &errors) < 0) {
                manager_log_config_errors(errors, ENOMEM);
                log_notice("The configuration in force does not change");
        }
        (void) sd_notify(false, "READY=1");
        return 0;
}

static int add_signals(sd_event *event, struct manager *manager) {
        static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
        sigset_t mask;

        /* A write beyond the file size limit, or to a client that has disconnected, must fail with an error instead of ending the
         * service. */
        (void) signal(SIGXFSZ, SIG_IGN);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) sigemptyset(&mask);
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                (void) sigaddset(&mask, signals[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                int r = sd_event_add_signal(event, NULL, signals[i], on_signal, manager);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* -- governors of sessions -- */

/* Adds the words by which governors recognise this machine: the names of the kernel drivers behind the loaded drivers. */
static int add_platform(const struct driver_view *driver, void *userdata) {
        char *words = userdata;
        size_t length = strlen(words);

        if (strcmp(driver->state, "loaded") == 0 && driver->backend[0])
                (void) text_format(words + length, PLATFORM_WORDS_MAX - length, "%s%s", length > 0 ? " " : "", driver->backend);
        return 0;
}

static void platform_words(char *ret, size_t size, void *userdata) {
        char words[PLATFORM_WORDS_MAX] = "";

        (void) manager_each_driver(userdata, add_platform, words);
        (void) text_format(ret, size, "%s", words);
}

static const char *wanted_governor(const char **ret_origin, void *userdata) {
        const struct config *config = manager_config(userdata);

        *ret_origin = config->governor_origin;
        return config->governor;
}

/* `manager` NULL: the platform is unknown. */
static struct engines_options engines_options(const struct options *options, struct manager *manager) {
        static char admin_dir[PATH_MAX];
        bool has_dir = options->config_dir && TEXT_FORMAT(admin_dir, "%s/governors", options->config_dir) >= 0;

        return (struct engines_options){
                .vendor_dir = options->governor_dir,
                .admin_dir = has_dir ? admin_dir : NULL,
                .trust_any_owner = options->simulated,
                .no_bpf = options->no_bpf,
                .platform = manager ? platform_words : NULL,
                .governor = wanted_governor,
                .userdata = manager,
        };
}

static bool lacks_file(const char *name, char *ret, void *userdata) {
        return engines_lack_file(userdata, name, ret);
}

static bool lacks_governor(const char *name, char *ret, void *userdata) {
        return engines_lack_governor(userdata, name, ret);
}

/* -- checking a configuration -- */

static void add_advice(const char *origin, const char *reason, void *userdata) {
        char text[ADVICE_MAX + 16];

        (void) TEXT_FORMAT(text, "no effect: %s", reason);
        findings_warn(userdata, origin, text);
}

struct comparison {
        struct findings findings;
        bool without_drivers; /* no driver could be loaded, so lines for knobs and drivers were not checked */
};

/* Checks that need neither drivers nor the machine. */
static void compare_with_itself(const struct options *options, const struct config *config, struct findings *findings) {
        const struct engines_options engines = engines_options(options, NULL);
        char reason[ADVICE_MAX];

        advice_on_overridden(config, add_advice, findings);
        if (config->governor[0] && engines_lack_file(&engines, config->governor, reason))
                add_advice(config->governor_origin, reason, findings);
}

/* Loads the drivers to read their tables; none of their functions is called. */
static void compare_with_drivers(const struct options *options, const struct config *config, struct comparison *comparison) {
        const struct plugin_host host = { .root_fd = -1, .simulated = options->simulated, .trust_any_owner = options->simulated };
        struct known_drivers drivers = {};
        struct plugin **plugins = NULL;
        size_t n_plugins = 0;

        if (plugins_load(options->driver_dir, &host, &plugins, &n_plugins) >= 0)
                (void) known_drivers_of(plugins, n_plugins, &drivers);
        if (drivers.n > 0)
                advice_on_config(config, &drivers, add_advice, &comparison->findings);
        comparison->without_drivers = drivers.n == 0;
        compare_with_itself(options, config, &comparison->findings);
        free(drivers.items);
        plugins_free(plugins, n_plugins);
        findings_finish(&comparison->findings);
}

static int count_driver(const struct driver_view *driver, void *userdata) {
        if (strcmp(driver->state, "refused") != 0)
                (*(unsigned *) userdata)++;
        return 0;
}

/* Probes the machine as a dry run does. Takes ownership of the configuration. */
static int compare_with_machine(const struct options *options, struct config *config, struct comparison *comparison) {
        struct manager_options manager_opts = manager_options(options);
        struct manager *manager = NULL;
        struct engines_options engines;
        unsigned n_drivers = 0;
        sd_event *event = NULL;
        int r = sd_event_default(&event);

        manager_opts.dry_run = true;
        manager_opts.config = config;
        if (r >= 0)
                r = manager_new(event, &manager_opts, &manager);
        if (r < 0)
                config_free(config);
        else {
                engines = engines_options(options, manager);
                manager_judge_governors(manager, &(struct governor_judge){ lacks_file, &engines });
                r = manager_start(manager);
        }
        if (r >= 0)
                r = manager_each_driver(manager, count_driver, &n_drivers);
        if (r >= 0 && n_drivers > 0)
                manager_warn_ineffective(manager, manager_config(manager), &comparison->findings.text);
        else if (r >= 0) {
                comparison->without_drivers = true;
                compare_with_itself(options, manager_config(manager), &comparison->findings);
                findings_finish(&comparison->findings);
        }
        manager_free(manager);
        sd_event_unref(event);
        return r < 0 ? log_error(r, "The configuration cannot be compared with the machine at %s", options->root) : 0;
}

static void print_verdict(const struct comparison *comparison) {
        (void) puts(comparison->findings.text ?
                            "The configuration can be loaded; see the warnings above." :
                    comparison->without_drivers ?
                            "The configuration can be loaded, but its lines for knobs and drivers were not checked." :
                            "The configuration is in order.");
}

static int check_config(const struct options *options) {
        const struct config_dirs dirs = {
                .vendor = options->vendor_dir,
                .admin = options->config_dir,
                .trust_any_owner = options->simulated,
        };
        struct comparison comparison = {};
        struct config *config = NULL;
        int r = config_check(&dirs, options->check_file, &config, &comparison.findings.text), q = 0;
        bool compared_with_drivers = config && !options->names_machine;

        if (compared_with_drivers)
                compare_with_drivers(options, config, &comparison);
        else if (config)
                q = compare_with_machine(options, TAKE_PTR(config), &comparison);
        config_free(config);
        if (comparison.findings.text)
                (void) fputs(comparison.findings.text, stderr);
        else if (r < 0)
                (void) fputs("The configuration cannot be read.\n", stderr);
        if (r >= 0 && q >= 0)
                print_verdict(&comparison);
        if (comparison.without_drivers)
                (void) printf("Names of drivers and knobs were not checked: no driver can be loaded from %s (--driver-dir "
                              "selects another folder).\n",
                              options->driver_dir);
        if (r >= 0 && !options->check_file && !options->config_dir)
                (void) printf("Only the built-in defaults were checked: a simulated machine has no other configuration "
                              "unless --config-dir or a file is given.\n");
        if (options->names_machine && geteuid() != 0)
                (void) printf("Without root privileges, read-only settings were not recognised, and settings that only "
                              "root can read count as missing.\n");
        if (compared_with_drivers && !comparison.without_drivers)
                (void) printf("Values were not compared with those that the hardware offers; --root=/ compares them with "
                              "this machine.\n");
        free(comparison.findings.text);
        return r < 0 || q < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* -- running -- */

static void report_no_profile(const struct manager *manager, const char *name) {
        const struct config *config = manager_config(manager);
        struct suggestion suggestion = { .word = name };
        char hint[SUGGEST_MAX];

        for (size_t i = 0; i < config->n_profiles; i++)
                suggestion_consider(&suggestion, config->profiles[i].name, strlen(config->profiles[i].name));
        (void) fprintf(stderr, "governord: there is no profile \"%s\"%s", name, suggestion_format(&suggestion, hint));
        if (manager_config_error(manager)[0])
                (void) fputs("; the configuration has the errors above, so only the built-in profiles exist", stderr);
        (void) fputs("\nThe profiles are ", stderr);
        for (size_t i = 0; i < config->n_profiles; i++)
                (void) fprintf(stderr, "%s%s", i > 0 ? ", " : "", config->profiles[i].name);
        (void) fputc('\n', stderr);
}

static int dry_run(struct manager *manager, const struct options *options) {
        struct engines_options engines = engines_options(options, manager);
        int r;

        manager_judge_governors(manager, &(struct governor_judge){ lacks_file, &engines });
        r = manager_start(manager);
        if (r >= 0)
                r = manager_print_plan(manager, options->profile);
        if (r == -ENOENT)
                report_no_profile(manager, options->profile);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* -- sessions: engine and table -- */

static void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        manager_set_demands(userdata, demands, n);
}

static void on_bounds(const struct cpu_bounds *bounds, size_t n, void *userdata) {
        struct engine *engine = userdata;

        engine->bound(engine->userdata, bounds, n);
}

static int sessions_start(sd_event *event, struct manager *manager, const struct options *options, struct engine **ret_engine,
                          struct sessions **ret) {
        const struct engines_options engines = engines_options(options, manager);
        const struct committer committer = { .commit = on_demands, .userdata = manager };
        int r = engines_new(event, &engines, ret_engine);

        if (r >= 0) {
                manager_follow_bounds(manager, on_bounds, *ret_engine);
                manager_judge_governors(manager, &(struct governor_judge){ lacks_governor, *ret_engine });
        }
        /* dbus/ sets the configured limits when the configuration has been loaded */
        return r < 0 ? r : sessions_new(event, *ret_engine, &(struct session_limits){ 64, 64, 0 }, &committer, ret);
}

/* -- memory -- */

/* The start, a reload and a switch allocate memory that is not needed afterwards, 100 KiB at 256 CPUs. It is returned to the kernel
 * after the replies have been sent. */
static int on_idle(sd_event_source *source, void *userdata) {
        (void) source, (void) userdata;
        (void) malloc_trim(0);
        return 0;
}

static void on_changed(uint32_t mask, void *userdata) {
        (void) mask;
        (void) sd_event_source_set_enabled(userdata, SD_EVENT_ONESHOT);
}

static int serve(sd_event *event, struct manager *manager, const struct options *options) {
        struct bus_options bus_options = {
                .replace = options->replace,
                .disable_upower = options->disable_upower,
                .disable_logind = options->disable_logind,
                .ask_about_root = options->umockdev,
        };
        sd_event_source *trim = NULL;
        struct listener listener = { .changed = on_changed };
        struct engine *engine = NULL;
        struct bus *bus = NULL;
        int r = sessions_start(event, manager, options, &engine, &bus_options.sessions);

        if (r < 0)
                (void) log_error(r, "Cannot prepare the sessions of applications");
        if (r >= 0)
                r = sd_event_add_defer(event, &trim, on_idle, NULL);
        if (r >= 0)
                r = sd_event_source_set_priority(trim, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0) {
                listener.userdata = trim;
                manager_listen(manager, &listener);
        }
        if (r >= 0)
                r = bus_new(event, manager, &bus_options, &bus);
        if (r >= 0)
                r = manager_start(manager);
        if (r >= 0) {
                manager_log_ready(manager);
                (void) sd_event_set_watchdog(event, true);
                (void) sd_notify(false, "READY=1");
                r = sd_event_loop(event);
                (void) sd_notify(false, "STOPPING=1");
        } else
                r = EXIT_FAILURE;
        sessions_stop(bus_options.sessions);
        manager_stop(manager);
        bus_free(bus);
        sessions_free(bus_options.sessions);
        manager_unlisten(manager, &listener);
        (void) sd_event_source_disable_unref(trim);
        manager_follow_bounds(manager, NULL, NULL);
        manager_judge_governors(manager, &(struct governor_judge){});
        if (engine)
                engine->free(engine);
        return r < 0 ? EXIT_FAILURE : r;
}

static int run(const struct options *options) {
        const struct manager_options manager_opts = manager_options(options);
        struct manager *manager = NULL;
        sd_event *event = NULL;
        int r = sd_event_default(&event);

        if (r >= 0)
                r = manager_new(event, &manager_opts, &manager);
        if (r >= 0 && !options->dry_run)
                r = add_signals(event, manager);
        if (r < 0) {
                (void) log_error(r, "Cannot start for the machine at %s", options->root);
                r = EXIT_FAILURE;
        } else
                r = options->dry_run ? dry_run(manager, options) : serve(event, manager, options);
        manager_free(manager);
        sd_event_unref(event);
        return r;
}

int main(int argc, char **argv) {
        struct options options;
        int r = options_parse(argc, argv, &options);

        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        /* notices report actions of the service, and a check performs none */
        log_open("governord", MIN((options.action == ACTION_CHECK_CONFIG ? 4 : 5) + options.verbose, 7),
                 getenv("JOURNAL_STREAM") != NULL);
        switch (options.action) {
        case ACTION_RUN:
                return run(&options);
        case ACTION_CHECK_CONFIG:
                return check_config(&options);
        case ACTION_PRINT_INTERFACES:
                return bus_print_interfaces() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        return EXIT_FAILURE;
}
