/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A governord with the fake engine of tests/unit/fake-engine.h instead of a real one, so that the D-Bus interfaces of sessions are
 * tested without a policy. Certain latencies in reports make this engine fail in certain ways. Apart from that, the program does
 * what daemon/main.c does to serve the bus. */

#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "core/manager/manager.h"
#include "core/sessions/sessions.h"
#include "daemon/options.h"
#include "dbus/service.h"
#include "tests/unit/fake-engine.h"

static struct manager_options manager_options(const struct options *options) {
        return (struct manager_options){
                .root = options->root,
                .simulated = options->simulated,
                .driver_dir = options->driver_dir,
                .state_dir = options->state_dir,
                .runtime_dir = options->runtime_dir,
                .config_dirs = { .vendor = options->vendor_dir, .admin = options->config_dir, .trust_any_owner = true },
                .block_drivers = options->block_drivers,
                .block_actions = options->block_actions,
                .use_power_class = true,
        };
}

static int add_signals(sd_event *event) {
        sigset_t mask;

        (void) sigemptyset(&mask);
        (void) sigaddset(&mask, SIGTERM);
        return sigprocmask(SIG_BLOCK, &mask, NULL) < 0 ? -errno : sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
}

static void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        manager_set_demands(userdata, demands, n);
}

static int serve(sd_event *event, struct manager *manager, struct sessions *sessions) {
        const struct bus_options bus_options = { .sessions = sessions, .rung_reason = "this is a test" };
        struct bus *bus = NULL;
        int r = bus_new(event, manager, &bus_options, &bus);

        if (r >= 0)
                r = manager_start(manager);
        if (r >= 0)
                r = sd_event_loop(event);
        sessions_stop(sessions);
        manager_stop(manager);
        bus_free(bus);
        return r;
}

int main(int argc, char **argv) {
        static const struct session_limits limits = { .per_user = 64, .per_connection = 64 };
        static struct fake_engine fake;
        struct committer committer = { .commit = on_demands };
        struct manager_options manager_opts;
        struct sessions *sessions = NULL;
        struct manager *manager = NULL;
        struct options options;
        sd_event *event = NULL;
        int r = options_parse(argc, argv, &options);

        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        log_open("governord", MIN(5 + options.verbose, 7), false);
        manager_opts = manager_options(&options);
        r = sd_event_default(&event);
        if (r >= 0)
                r = add_signals(event);
        if (r >= 0)
                r = manager_new(event, &manager_opts, &manager);
        committer.userdata = manager;
        if (r >= 0)
                r = sessions_new(event, fake_engine_init(&fake), &limits, &committer, &sessions);
        if (r >= 0)
                r = serve(event, manager, sessions);
        sessions_free(sessions);
        manager_free(manager);
        sd_event_unref(event);
        if (fake.unknown > 0 || fake.opened != fake.closed)
                return log_error(EPROTO, "the engine was asked for %u sessions that it did not have; %u opened, %u closed",
                                 fake.unknown, fake.opened, fake.closed),
                       EXIT_FAILURE;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
