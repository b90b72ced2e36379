/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_FOREIGN_H
#define CORE_FOREIGN_H

#include "core/machine/knob.h"
#include "core/manager/manager.h"
#include "core/watch/watch.h"

/* What others do to the service's knobs. A firmware key is a wish of the user's; any other foreign write is drift (core/manager/drift.h), which is
 * named in the log, and then left alone or answered. */

/* The knob's watch is new: what has changed between its last read and now? */
void foreign_catch_up(struct manager *manager, struct knob *knob);
/* Callback of core/watch/watch.h. */
void foreign_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata);
/* Handler of core/manager/doubts.h. */
int foreign_on_doubts(sd_event_source *source, uint64_t usec, void *userdata);

#endif
