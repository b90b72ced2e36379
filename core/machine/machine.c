/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/machine/machine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"

int machine_load(struct machine *machine, const char *driver_dir) {
        int r = plugins_load(driver_dir, &machine->host, &machine->plugins, &machine->n_plugins);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) log_error(
                        r, "Cannot read the driver directory %s; the service continues without drivers and changes no settings",
                        driver_dir);
        return 0;
}

static void probe_plugin(struct plugin *plugin, const char *blocked, const char *also_blocked) {
        plugin_probe(plugin, blocked);
        if (plugin->state == PLUGIN_LOADED && word_in_list(also_blocked, plugin->name)) {
                plugin_remove(plugin);
                plugin->state = PLUGIN_BLOCKED;
        }
        log_debug("Driver %s: %s%s%s%s%s", plugin->name, plugin_state_name(plugin->state), plugin->info.backend[0] ? ", " : "",
                  plugin->info.backend, plugin->note[0] ? ", " : "", plugin->note);
}

static bool add_subsystem(const char **list, size_t room, const char *name) {
        size_t n = 0;

        while (list[n] && list[n] != name)
                n++;
        if (list[n])
                return true;
        if (n + 1 >= room)
                return false;
        list[n] = name;
        list[n + 1] = NULL;
        return true;
}

void machine_subsystems(const struct machine *machine, const char **ret, size_t room) {
        ret[0] = NULL;
        for (size_t i = 0; i < machine->n_plugins; i++) {
                const struct plugin *plugin = machine->plugins[i];
                const char *text = plugin->driver && plugin->driver->subsystems ? plugin->driver->subsystems : "", *word;
                size_t length;

                while ((length = next_word(&text, &word)) > 0) {
                        char name[64];
                        const char *interned = TEXT_FORMAT(name, "%.*s", (int) length, word) < 0 ? NULL : text_intern(name);

                        if (!interned || !add_subsystem(ret, room, interned))
                                (void) log_warning(
                                        0,
                                        "Driver %s: cannot monitor subsystem \"%.*s\" (name too long, too many subsystems, or "
                                        "out of memory); new and removed devices are not noticed",
                                        plugin->name, (int) length, word);
                }
        }
}

void machine_mark_stale(struct machine *machine, const char *subsystem) {
        for (size_t i = 0; i < machine->n_plugins; i++) {
                struct plugin *plugin = machine->plugins[i];

                if (!subsystem ||
                    (plugin->driver && plugin->driver->subsystems && word_in_list(plugin->driver->subsystems, subsystem)))
                        plugin->stale = true;
        }
}

int machine_probe(struct machine *machine, const char *blocked, const char *also_blocked) {
        int r;

        for (size_t i = 0; i < machine->n_plugins; i++)
                if (machine->plugins[i]->stale)
                        probe_plugin(machine->plugins[i], blocked, also_blocked);
        topology_done(&machine->topology);
        r = topology_build(&machine->topology, machine->host.root_fd, machine->plugins, machine->n_plugins);
        if (r >= 0)
                r = knobs_update(&machine->knobs, machine->plugins, machine->n_plugins, &machine->topology);
        else
                knobs_done(&machine->knobs);
        for (size_t i = 0; i < machine->n_plugins; i++)
                machine->plugins[i]->stale = r < 0;
        return r;
}

bool machine_probe_late(struct machine *machine, const char *blocked) {
        bool answered = false;

        for (size_t i = 0; i < machine->n_plugins; i++) {
                struct plugin *plugin = machine->plugins[i];

                if (plugin->state != PLUGIN_LATER)
                        continue;
                plugin_probe(plugin, blocked);
                answered |= plugin->state != PLUGIN_LATER;
        }
        if (answered)
                machine_mark_stale(machine, NULL);
        return answered;
}

void machine_expire(struct machine *machine, uint64_t now_usec) {
        for (size_t i = 0; i < machine->n_plugins; i++)
                access_expire(machine->plugins[i], now_usec);
}

uint64_t machine_deadline(const struct machine *machine) {
        uint64_t usec = UINT64_MAX;

        for (size_t i = 0; i < machine->n_plugins; i++)
                usec = MIN(usec, access_deadline(machine->plugins[i]));
        return usec;
}

static bool wait_for_answers(struct machine *machine, struct pollfd *fds, int timeout_ms) {
        bool any = false;

        for (size_t i = 0; i < machine->n_plugins; i++) {
                fds[i] = (struct pollfd){ .fd = machine->plugins[i]->calls ? access_fd(machine->plugins[i]) : -1,
                                          .events = POLLIN };
                any |= fds[i].fd >= 0;
        }
        if (!any || poll(fds, machine->n_plugins, timeout_ms) <= 0)
                return false;
        for (size_t i = 0; i < machine->n_plugins; i++)
                if (fds[i].revents && access_dispatch(machine->plugins[i]) < 0)
                        access_expire(machine->plugins[i], UINT64_MAX);
        return true;
}

void machine_drain(struct machine *machine, uint64_t until_usec) {
        _cleanup_free_ struct pollfd *fds = calloc(machine->n_plugins + 1, sizeof(*fds));
        uint64_t now_usec = clock_usec(CLOCK_MONOTONIC);

        while (fds && now_usec < until_usec && wait_for_answers(machine, fds, (int) ((until_usec - now_usec + 999) / 1000)))
                now_usec = clock_usec(CLOCK_MONOTONIC);
        machine_expire(machine, UINT64_MAX);
}

bool machine_has_domain(const struct machine *machine, uint32_t scope, uint32_t domain) {
        if (scope == GOV_SCOPE_NODE)
                return domain == 0;
        if (topology_first_cpu(&machine->topology, scope, domain))
                return true;
        for (uint32_t i = 0; i < machine->knobs.n; i++)
                if (machine->knobs.items[i].row->scope == scope && machine->knobs.items[i].domain == domain)
                        return true;
        return false;
}

void machine_done(struct machine *machine) {
        knobs_done(&machine->knobs);
        topology_done(&machine->topology);
        plugins_free(machine->plugins, machine->n_plugins);
}
