/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_LOCK_H
#define CORE_LEDGER_LOCK_H

#include <stdbool.h>

/* One instance of the service at a time has the ledger's folder, until its descriptor is closed. Waits at most five seconds for the
 * instance that has it, then -EBUSY; -EINTR when SIGTERM or SIGINT is pending meanwhile. */
int ledger_lock(int directory_fd);
/* True while an instance of the service has it. */
bool ledger_is_locked(int directory_fd);

#endif
