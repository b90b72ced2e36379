/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stdbool.h>

#include "core/machine/knob.h"
#include "core/machine/plugin.h"
#include "core/machine/topology.h"

/* The machine as its drivers describe it: plugins, CPUs and knobs, found together and found again whenever hardware or a driver's mode
 * changed. Knobs that are still there keep their history and their originals. */

struct machine {
        struct plugin_host host; /* filled in by the owner; root_fd stays the owner's */
        struct plugin **plugins;
        size_t n_plugins;
        struct topology topology;
        struct knobs knobs;
};

/* Opens the plugins of a directory. One that cannot be read is logged and counts as empty. 0 or -ENOMEM. */
int machine_load(struct machine *machine, const char *driver_dir);
/* The kernel subsystems that drivers name, interned, each once: at most `room` - 1 and a NULL. A longer list is cut, which is logged. */
void machine_subsystems(const struct machine *machine, const char **ret, size_t room);
/* Says which drivers the next machine_probe() is to probe: those with devices of a kernel subsystem, or with NULL all. */
void machine_mark_stale(struct machine *machine, const char *subsystem);
/* Probes the drivers that are stale, at first all of them, and finds CPUs and knobs. `blocked` are words that name drivers or backends, `also_blocked` words
 * that name drivers. 0, or -ENOMEM: then there are no knobs, and all drivers are stale. */
int machine_probe(struct machine *machine, const char *blocked, const char *also_blocked);
/* Probes the drivers that wait for their hardware, which may have come without an event. True when one has an answer: then all drivers are stale. */
bool machine_probe_late(struct machine *machine, const char *blocked);
/* Ends writes that were not answered in time, see access_expire(). */
void machine_expire(struct machine *machine, uint64_t now_usec);
/* When machine_expire() has something to do, CLOCK_MONOTONIC; UINT64_MAX: never. */
uint64_t machine_deadline(const struct machine *machine);
/* Waits for answers to writes until that time of CLOCK_MONOTONIC, then ends what was not answered. For the end of the service: nothing else happens
 * meanwhile. */
void machine_drain(struct machine *machine, uint64_t until_usec);
bool machine_has_domain(const struct machine *machine, uint32_t scope, uint32_t domain);
void machine_done(struct machine *machine);

#endif
