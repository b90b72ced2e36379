/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stdbool.h>

#include "core/machine/knob.h"
#include "core/machine/plugin.h"
#include "core/machine/topology.h"

/* The machine as its drivers describe it: plugins, CPUs and knobs. Plugins are loaded once. CPUs and knobs are determined together,
 * and again whenever hardware, the mode of a driver or the configuration has changed. A knob that still exists afterwards keeps its
 * history and its original value. */

struct machine {
        struct plugin_host host; /* set by the owner, which also closes root_fd */
        struct plugin **plugins;
        size_t n_plugins;
        struct topology topology;
        struct knobs knobs;
};

/* Loads the plugins of a directory. If it cannot be read, this is logged, and there are no plugins. Returns 0 or -ENOMEM. */
int machine_load(struct machine *machine, const char *driver_dir);
/* Lists the kernel subsystems that drivers name, interned and without duplicates. Stores at most `room` - 1 of them and a
 * terminating NULL; subsystems that do not fit are logged. */
void machine_subsystems(const struct machine *machine, const char **ret, size_t room);
/* Marks the drivers that the next machine_probe() must probe: those that name this kernel subsystem, or all drivers if it is
 * NULL. */
void machine_mark_stale(struct machine *machine, const char *subsystem);
/* Probes the stale drivers (initially all of them) and determines CPUs and knobs. `blocked` is a list of words that name drivers or
 * backends, `also_blocked` a list of words that name drivers. Returns 0, or -ENOMEM: there are then no knobs, and all drivers are
 * stale. */
int machine_probe(struct machine *machine, const char *blocked, const char *also_blocked);
/* Probes the drivers in state PLUGIN_LATER again, since their hardware may have appeared without an event. If one of them has left
 * this state, marks all drivers as stale and returns true. */
bool machine_probe_late(struct machine *machine, const char *blocked);
/* Ends writes that were not answered in time, see access_expire(). */
void machine_expire(struct machine *machine, uint64_t now_usec);
/* Returns the CLOCK_MONOTONIC time from which machine_expire() ends writes, UINT64_MAX if no write is waiting for an answer. */
uint64_t machine_deadline(const struct machine *machine);
/* Waits for answers to writes until `until_usec` (CLOCK_MONOTONIC) at most, and then ends the writes that were not answered. Blocks
 * the event loop, so it is called only on shutdown. */
void machine_drain(struct machine *machine, uint64_t until_usec);
bool machine_has_domain(const struct machine *machine, uint32_t scope, uint32_t domain);
void machine_done(struct machine *machine);

#endif
