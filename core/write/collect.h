/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_COLLECT_H
#define CORE_COLLECT_H

#include "core/decide/plan.h"
#include "core/write/apply.h"

/* Determines the writes that a plan requires: operations for knobs whose value differs from their target, and for knobs without a
 * target that are to be restored. */

struct collecting {
        struct operations operations; /* items are malloc'ed */
        struct ledger *ledger;
        bool explicit; /* a user or program has chosen a profile: knobs that were left to other programs are set again */
};

/* The `each` function of plan_each() and plan_demands(), with a struct collecting as userdata. Stores the target in the knob. A
 * knob without a target is restored if it still has a value of the service, or cannot be read; if it has its original value or that
 * of another program, its entry is removed from the ledger. Returns 0 or -ENOMEM. */
int collect(struct knob *knob, const struct plan_target *target, void *userdata);

#endif
