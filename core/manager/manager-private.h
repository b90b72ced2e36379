/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MANAGER_PRIVATE_H
#define CORE_MANAGER_PRIVATE_H

/* The parts of the manager, which do not depend on it, and its data. Only the files whose functions manager.h, settle.h, inputs.h,
 * events.h and foreign.h declare include this header. */

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
        bool beside_service; /* dry run while an instance of the service is running */

        /* Configuration and choices. */
        struct config *config;
        struct config *rejected; /* configuration with errors; kept until these and its lines without effect were logged, at the end
                                    of the start */
        char *rejected_errors;
        char config_error[256]; /* first error of the last load, "" none; after an error the previous configuration is in force */
        bool lines_unjudged;    /* lines of a new configuration have still to be judged, with the knobs of the next probe */
        struct state state;
        bool state_unsaved;
        struct choice choice;
        struct actions actions;
        bool battery_aware;

        /* Hardware, and the changes that were made to it. */
        struct machine machine;
        sd_event_source **driver_sources; /* one for each plugin, NULL if it has no descriptor */
        struct carriers carriers[PROFILE_BASE_COUNT];
        bool available[PROFILE_BASE_COUNT]; /* profiles that the machine offers */
        struct idle idle_states;            /* idle states of the CPUs on which sessions ran */
        struct ledger *ledger;
        bool ledger_failing;            /* the last batch could not be recorded, which was logged */
        struct operations answered;     /* writes that drivers in other processes have answered since the last turn */
        struct change *answered_change; /* change to which all of them belong */

        /* Surroundings. */
        struct power_source *power; /* NULL with ignore_power */
        struct apps *apps;
        struct hotplug *hotplug;
        struct resume *resume;
        struct heat *heat;
        struct watch *watch;
        struct names_on units, programs; /* active units and running programs that rules name */
        bool counting;                   /* the programs that rules name are being counted */
        bool idle;

        /* Demands. */
        struct requests requests;
        struct demands demands; /* of sessions */

        /* What is in force. */
        const struct profile *active;
        char cause[96]; /* cause of `active`, for people; no decision depends on it */
        uint32_t degraded;
        uint32_t changed;          /* CHANGED_*, not reported yet */
        uint32_t unsettled;        /* DIRTY_* bits that a failed turn had found itself */
        struct cpu_bounds *bounds; /* bounds that were last reported */
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
