/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_REQUESTS_H
#define CORE_REQUESTS_H

#include "core/manager/manager.h"

/* Accepts requests, and watches for their end (owner, process, deadline, release). Permissions are checked in dbus/. */

/* Adds the lasting levels of the administrator from the saved state. The caller settles afterwards. */
void requests_restore(struct manager *manager);
/* Handler of core/manager/later.h. */
int requests_on_deadline(sd_event_source *source, uint64_t usec, void *userdata);

#endif
