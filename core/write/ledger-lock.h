/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_LOCK_H
#define CORE_LEDGER_LOCK_H

#include <stdbool.h>

/* Locks the directory of the ledger for this instance of the service, until the descriptor is closed. Waits at most five seconds
 * while another instance has locked it. Returns 0, also if the file system does not support locks; -EBUSY if it is still locked
 * after that time; -EINTR if SIGTERM or SIGINT is pending while it waits. */
int ledger_lock(int directory_fd);
/* Returns true if an instance of the service has locked the directory. */
bool ledger_is_locked(int directory_fd);

#endif
