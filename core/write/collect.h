/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_COLLECT_H
#define CORE_COLLECT_H

#include "core/decide/plan.h"
#include "core/write/apply.h"

/* Determines the writes that a plan requires: operations for all knobs whose value differs from their target. */

struct collecting {
        struct operations operations; /* items are malloc'ed */
        struct ledger *ledger;
        bool explicit; /* a person or program made a choice: the service takes back knobs that it had left to other programs */
};

/* The `each` function of plan_each() and plan_demands(), with a struct collecting as userdata. Stores the target in the knob. A
 * knob without a target gets its original value if it still holds a value of the service; otherwise its entry is removed from the
 * ledger. Returns 0 or -ENOMEM. */
int collect(struct knob *knob, const struct plan_target *target, void *userdata);

#endif
