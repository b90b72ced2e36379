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

/* Assigns ledger entries and their original values to knobs that have no entry assigned, as after knobs_update(). */
void restore_adopt(const struct ledger *ledger, struct knobs *knobs);
/* Handles all entries of the ledger: adds operations, in order of writing, for knobs that still have a value of the service;
 * removes the entries of knobs that have their original value or that of another program; and logs the entries that are kept in the
 * ledger to be restored later. Returns 0, or -ENOMEM: some operations are then missing, and their entries are kept. */
int restore_left(struct ledger *ledger, struct knobs *knobs, struct operations *ret);
/* Reads the knobs that were changed, except those whose last write was not read back, and adds operations for those that still have
 * a value of the service, in order of writing. Logs how many of the others are not restored, and why. */
void restore_all(struct ledger *ledger, struct knobs *knobs, struct operations *ret);

#endif
