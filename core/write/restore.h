/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "core/write/apply.h"

/*
 * What has to be written to put originals back: at the start those that a killed predecessor left in the ledger, at the end all of them. Only
 * knobs that still hold a value of the service's are written; what another program set since is left alone, and leaves the ledger.
 */

/* Whose value a knob has, as the ledger knows it; one that a write is on its way to counts as the service's. What is unknown may be the service's: it is left alone, and its original is kept. */
enum holding { HOLDS_ORIGINAL, HOLDS_OURS, HOLDS_FOREIGN, HOLDS_UNKNOWN };
enum holding restore_holding(const struct ledger_entry *entry, const struct knob *knob);

/* Ties knobs that came back (a CPU, a driver mode) to their originals in the ledger. */
void restore_adopt(const struct ledger *ledger, struct knobs *knobs);
/* Adds operations for all entries of the ledger, and logs those that stay in it, to be put back later. 0 or -ENOMEM: some are missing then, and stay in
 * the ledger. */
int restore_left(struct ledger *ledger, struct knobs *knobs, struct operations *ret);
/* Adds operations for all knobs that were changed, in order of writing, after reading them again. Logs how many are not put back, and why. */
void restore_all(struct ledger *ledger, struct knobs *knobs, struct operations *ret);

#endif
