/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_EVENTS_H
#define CORE_EVENTS_H

#include "core/manager/manager.h"

/* What the kernel and the session tell: power, hardware, heat, resume from sleep, programs and units. Each is recorded and settled once. */

/* Opens the sources of events. What is missing is logged, and goes unnoticed. */
void events_start(struct manager *manager);
/* Watches the programs that rules name. Rules are judged when all are counted: half of them would look as if the others had ended. */
void events_follow_programs(struct manager *manager);
/* Asks the drivers that wait for their hardware, which may have come without an event, and probes everything when one has an answer: at once,
 * as before it is said what the machine does not offer, or when the kernel's driver has set up the rest of its files. */
void events_probe_late_drivers(struct manager *manager, bool at_once);

/* Handlers of core/manager/later.h. */
int events_on_watch(sd_event_source *source, void *userdata);
int events_on_reprobe(sd_event_source *source, uint64_t usec, void *userdata);
int events_on_answers(sd_event_source *source, void *userdata);
int events_on_expire(sd_event_source *source, uint64_t usec, void *userdata);

#endif
