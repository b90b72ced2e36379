/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_LOCK_H
#define CORE_LEDGER_LOCK_H

#include <stdbool.h>

/* Only one instance of the service at a time holds the folder of the ledger, until it closes the descriptor. Waits at most five
 * seconds for the instance that holds it. Returns 0; -EBUSY after that time; -EINTR if SIGTERM or SIGINT becomes pending in the
 * meantime. */
int ledger_lock(int directory_fd);
/* Returns true while an instance of the service holds it. */
bool ledger_is_locked(int directory_fd);

#endif
