/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/machine/machine.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"

int machine_load(struct machine *machine, const char *driver_dir) {
        int r = plugins_load(driver_dir, &machine->host, &machine->plugins, &machine->n_plugins);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void) log_error(r, "Cannot read driver directory %s; no hardware will be driven", driver_dir);
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

int machine_probe(struct machine *machine, const char *blocked, const char *also_blocked) {
        struct knobs old = machine->knobs;
        int r;

        for (size_t i = 0; i < machine->n_plugins; i++)
                probe_plugin(machine->plugins[i], blocked, also_blocked);
        machine->knobs = (struct knobs){};
        topology_done(&machine->topology);
        r = topology_build(&machine->topology, machine->host.root_fd, machine->plugins, machine->n_plugins);
        if (r >= 0)
                r = knobs_build(&machine->knobs, machine->plugins, machine->n_plugins, &machine->topology);
        if (r >= 0)
                knobs_inherit(&machine->knobs, &old);
        else
                knobs_done(&machine->knobs);
        knobs_done(&old);
        return r;
}

void machine_unprobe(struct machine *machine) {
        for (size_t i = 0; i < machine->n_plugins; i++)
                plugin_remove(machine->plugins[i]);
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
        return answered;
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
