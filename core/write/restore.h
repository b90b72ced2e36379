/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "core/write/apply.h"

/*
 * Determines the writes that restore original values: at the start, those that a killed predecessor left in the ledger; at the end,
 * all of them. Only knobs that still hold a value of the service are written. A knob that another program has set since is left
 * alone, and its entry is removed from the ledger.
 */

/* Whose value a knob holds, according to the ledger. A knob with a pending write counts as holding a value of the service. A value
 * whose origin is unknown may be the service's: the knob is left alone, and its original is kept. */
enum holding { HOLDS_ORIGINAL, HOLDS_OURS, HOLDS_FOREIGN, HOLDS_UNKNOWN };
enum holding restore_holding(const struct ledger_entry *entry, const struct knob *knob);

/* Assigns original values in the ledger to knobs that have reappeared (a CPU, a driver mode). */
void restore_adopt(const struct ledger *ledger, struct knobs *knobs);
/* Adds operations for all entries of the ledger, and logs the entries that stay in it to be restored later. Returns 0, or -ENOMEM:
 * then some operations are missing, and their entries stay in the ledger. */
int restore_left(struct ledger *ledger, struct knobs *knobs, struct operations *ret);
/* Reads all knobs that were changed and adds operations for them, in order of writing. Logs how many of them are not restored, and
 * why. */
void restore_all(struct ledger *ledger, struct knobs *knobs, struct operations *ret);

#endif
