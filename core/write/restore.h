/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "core/write/apply.h"

/*
 * Determines the writes that restore original values: at startup, those that an earlier, killed instance has left in the ledger; at
 * shutdown, all of them. Only knobs that still have a value of the service are written. A knob that another program has set since
 * is left unchanged, and its entry is removed from the ledger.
 */

/* Origin of the present value of a knob, according to the ledger. A knob with a pending write counts as HOLDS_OURS. A value of
 * unknown origin may be the service's: the knob is left unchanged, and its original value is kept in the ledger. */
enum holding { HOLDS_ORIGINAL, HOLDS_OURS, HOLDS_FOREIGN, HOLDS_UNKNOWN };
enum holding restore_holding(const struct ledger_entry *entry, const struct knob *knob);

/* Assigns original values from the ledger to knobs that have reappeared (with a CPU or a driver mode). */
void restore_adopt(const struct ledger *ledger, struct knobs *knobs);
/* Adds operations for all entries of the ledger, and logs the entries that are kept in it to be restored later. Returns 0, or
 * -ENOMEM: some operations are then missing, and their entries are kept. */
int restore_left(struct ledger *ledger, struct knobs *knobs, struct operations *ret);
/* Reads all knobs that were changed and adds operations for them, in order of writing. Logs how many of them are not restored, and
 * why. */
void restore_all(struct ledger *ledger, struct knobs *knobs, struct operations *ret);

#endif
