/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_REQUESTS_H
#define CORE_REQUESTS_H

#include "core/manager/manager.h"

/* Requests: taking them in, and watching their end (owner, process, deadline, release). Permission is the bus's business. */

/* The administrator's lasting levels, out of what was saved. To be settled afterwards. */
void requests_restore(struct manager *manager);
/* Handler of core/manager/later.h. */
int requests_on_deadline(sd_event_source *source, uint64_t usec, void *userdata);

#endif
