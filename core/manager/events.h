/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_EVENTS_H
#define CORE_EVENTS_H

#include "core/manager/manager.h"

/* Events from outside the service: power, hardware, heat, resume from sleep, programs, units and idleness. Each event is recorded,
 * and then the manager settles once. */

/* Opens the sources of events. Events of a source that is not available are not noticed. */
void events_start(struct manager *manager);
/* Watches the programs that rules name. Rules are evaluated only when all programs have been counted: before that, running ones
 * would seem to have ended. */
void events_follow_programs(struct manager *manager);
/* Probes the drivers that wait for their hardware, which may have appeared without an event. If one of them no longer waits, all
 * drivers are probed. With `at_once`, this happens before the function returns, so that the caller sees what the machine offers;
 * otherwise after a delay in which the kernel driver can create its other files. */
void events_probe_late_drivers(struct manager *manager, bool at_once);

/* Handlers of core/manager/later.h. */
int events_on_watch(sd_event_source *source, void *userdata);
int events_on_reprobe(sd_event_source *source, uint64_t usec, void *userdata);
int events_on_answers(sd_event_source *source, void *userdata);
int events_on_expire(sd_event_source *source, uint64_t usec, void *userdata);

#endif
