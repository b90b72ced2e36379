/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_FOREIGN_H
#define CORE_FOREIGN_H

#include "core/machine/knob.h"
#include "core/manager/manager.h"
#include "core/watch/watch.h"

/* Handles changes of knobs by other programs and the firmware. A new mode of the firmware selects a profile if it seems to come
 * from a key, or imposes one if it seems to be a reaction to lap mode or the charger. Other changes of knobs with a target are
 * drift (core/manager/drift.h): they are logged, and then left alone or reverted. */

/* To be called when a watch was added for the knob: handles a change between the last read and the start of the watch. */
void foreign_catch_up(struct manager *manager, struct knob *knob);
/* Callback of core/watch/watch.h. */
void foreign_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);
/* Handler of core/manager/doubts.h. */
int foreign_on_doubts(sd_event_source *source, uint64_t usec, void *userdata);

#endif
