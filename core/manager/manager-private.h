/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_MANAGER_PRIVATE_H
#define CORE_MANAGER_PRIVATE_H

/* The data of the manager. Its parts, which are included below, do not depend on it. In core/, only the files that
 * implement manager.h, settle.h, inputs.h, events.h, foreign.h, reload.h and requests.h include this header. */

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
        bool beside_service; /* this is a dry run, and an instance of the service is running */

        /* Configuration and choices. */
        struct config *config;
        /* configuration with errors; kept until the end of the start, when the errors and its lines without effect are logged */
        struct config *rejected;
        char *rejected_errors;
        char config_error[256]; /* first error of the last load, "" none */
        bool lines_unjudged; /* lines of a new configuration have not been judged yet, which requires the knobs of the next probe */
        struct state state;
        bool state_unsaved;
        struct choice choice;
        struct actions actions;
        bool battery_aware;

        /* Hardware, and its changes by the service. */
        struct machine machine;
        sd_event_source **driver_sources; /* one for each plugin, NULL if it has no descriptor */
        struct carriers carriers[PROFILE_BASE_COUNT];
        bool available[PROFILE_BASE_COUNT]; /* profiles that the machine offers */
        struct idle idle_states;            /* idle states of the CPUs on which sessions ran */
        struct ledger *ledger;
        bool ledger_failing;            /* the last batch with new values could not be recorded, and this has been logged */
        struct operations answered;     /* writes that drivers in other processes have answered since the last turn */
        struct change *answered_change; /* the change to which all `answered` belong */

        /* Surroundings. */
        struct power_source *power; /* NULL with ignore_power */
        struct apps *apps;
        struct hotplug *hotplug;
        struct resume *resume;
        struct heat *heat;
        struct watch *watch;
        struct names_on units, programs; /* active units and running programs that rules name */
        bool counting;                   /* the programs that rules name are being counted; rules are not evaluated */
        bool idle;

        /* Demands. */
        struct requests requests;
        struct demands demands; /* of sessions */

        /* What is in force. */
        const struct profile *active;
        char cause[96]; /* cause of `active`, for users; no decision depends on it */
        uint32_t degraded;
        uint32_t changed;          /* CHANGED_*, not reported yet */
        uint32_t unsettled;        /* DIRTY_* bits that a failed turn has added, for the next turn */
        struct cpu_bounds *bounds; /* the latest bounds, to detect changes */
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
