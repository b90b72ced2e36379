/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_EVENTS_H
#define CORE_EVENTS_H

#include "core/manager/manager.h"

/* Events of the kernel and of the session: power, hardware, heat, resume from sleep, programs and units. Each event is recorded,
 * and the manager settles once. */

/* Opens the sources of events. A source that is not available is logged; its events remain unnoticed. */
void events_start(struct manager *manager);
/* Watches the programs that rules name. Rules are evaluated only after all programs were counted: before that, programs would seem
 * to have ended. */
void events_follow_programs(struct manager *manager);
/* Probes the drivers that wait for their hardware, which may have appeared without an event. When one of them has found it, probes
 * all drivers: at once if `at_once` is true, so that the result is known before the caller reports what the machine does not offer;
 * otherwise after the kernel driver has had time to set up the rest of its files. */
void events_probe_late_drivers(struct manager *manager, bool at_once);

/* Handlers of core/manager/later.h. */
int events_on_watch(sd_event_source *source, void *userdata);
int events_on_reprobe(sd_event_source *source, uint64_t usec, void *userdata);
int events_on_answers(sd_event_source *source, void *userdata);
int events_on_expire(sd_event_source *source, uint64_t usec, void *userdata);

#endif
