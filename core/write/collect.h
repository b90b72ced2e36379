/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_COLLECT_H
#define CORE_COLLECT_H

#include "core/decide/plan.h"
#include "core/write/apply.h"

/* From a plan to what has to be written: operations for knobs that differ from their target. */

struct collecting {
        struct operations operations; /* items are malloc'ed */
        struct ledger *ledger;
        bool explicit; /* a person or program chose: knobs that were left to other programs are taken back */
};

/* `each` of plan_each() and plan_demands(), with a struct collecting. Notes in the knob what is wanted. A knob without a target goes back to its
 * original if it still holds a value of the service's, else its entry leaves the ledger. 0 or -ENOMEM. */
int collect(struct knob *knob, const struct plan_target *target, void *userdata);

#endif
