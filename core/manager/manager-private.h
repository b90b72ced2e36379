/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MANAGER_PRIVATE_H
#define CORE_MANAGER_PRIVATE_H

/* What the manager consists of: facts, and parts that do not know it. The files that see this structure are those whose functions manager.h, settle.h,
 * inputs.h, events.h and foreign.h name. */

#include "core/decide/carriers.h"
#include "core/decide/choice.h"
#include "core/decide/demand.h"
#include "core/decide/rules.h"
#include "core/machine/idle.h"
#include "core/machine/machine.h"
#include "core/manager/actions.h"
#include "core/manager/counters.h"
#include "core/manager/doubts.h"
#include "core/manager/ineffective.h"
#include "core/manager/later.h"
#include "core/manager/manager.h"
#include "core/manager/state.h"
#include "core/watch/apps.h"
#include "core/watch/heat.h"
#include "core/watch/hotplug.h"
#include "core/watch/power-source.h"
#include "core/watch/resume.h"
#include "core/watch/watch.h"
#include "core/write/apply.h"
#include "core/write/ledger.h"

struct manager {
        struct manager_options options;
        sd_event *event;
        int root_fd;
        struct listener *listeners;
        bool started, stopped;
        bool beside_service; /* a dry run while an instance of the service is at work */

        /* Configuration and choices. */
        struct config *config;
        struct config *rejected; /* has errors; until these and its lines without effect were logged, at the end of the start */
        char *rejected_errors;
        char config_error[256]; /* first error of the last load, "" none: then the previous configuration is in force */
        bool lines_unjudged;    /* of a new configuration: by the knobs of the next probe */
        struct state state;
        bool state_unsaved;
        struct choice choice;
        struct actions actions;
        bool battery_aware;

        /* Hardware, and what of it was changed. */
        struct machine machine;
        sd_event_source **driver_sources; /* one per plugin, NULL where it has no descriptor */
        struct carriers carriers[PROFILE_BASE_COUNT];
        bool available[PROFILE_BASE_COUNT]; /* profiles that the machine offers */
        struct idle idle_states;            /* states of CPUs that sessions ran on */
        struct ledger *ledger;
        bool ledger_failing;            /* the last batch could not be written, which was logged */
        struct operations answered;     /* by drivers in other processes since the last turn */
        struct change *answered_change; /* of all of them */

        /* Surroundings. */
        struct power_source *power; /* NULL with ignore_power */
        struct apps *apps;
        struct hotplug *hotplug;
        struct resume *resume;
        struct heat *heat;
        struct watch *watch;
        struct names_on units, programs; /* those that rules name */
        bool counting;                   /* the programs that rules name are being counted */
        bool idle;

        /* Demands. */
        struct requests requests;
        struct demands demands; /* of sessions */

        /* What is in force. */
        const struct profile *active;
        char cause[96]; /* of `active`, for people: nothing is decided by it */
        uint32_t degraded;
        uint32_t changed;          /* mask, not reported yet */
        uint32_t unsettled;        /* DIRTY_* that a turn which failed had found on its way */
        struct cpu_bounds *bounds; /* that were reported last */
        size_t n_bounds;
        void (*report_bounds)(const struct cpu_bounds *bounds, size_t n, void *userdata);
        void *bounds_userdata;

        struct counters counters;

        struct later later;
        struct doubts doubts;
        struct ineffective ineffective;
        struct governor_judge governors;
};

#endif
