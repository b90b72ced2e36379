/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/write/collect.h"

#include <errno.h>

#include "base/text.h"
#include "core/write/restore.h"

/* Handles a knob without a target: it is restored if it still has a value of the service, or if it cannot be read and may have
 * one. */
static int collect_unwanted(struct collecting *collecting, struct knob *knob) {
        const struct ledger_entry *entry = ledger_find(collecting->ledger, knob->ledger_id);
        enum holding holding = entry ? restore_holding(entry, knob) : HOLDS_ORIGINAL;

        knob->wanted = NULL;
        if (knob->pending && knob->pending->give_back)
                return 0;
        if (!entry) {
                knob->state = KNOB_UNTOUCHED;
                knob->error = 0;
        } else if (knob->state == KNOB_YIELDED || holding == HOLDS_ORIGINAL || holding == HOLDS_FOREIGN)
                apply_let_go(collecting->ledger, knob);
        else if (holding == HOLDS_OURS || !knob->value)
                return operations_add(&collecting->operations, knob, knob->original, true);
        return 0;
}

static void settle_as_it_is(struct knob *knob) {
        if (knob->pending || (knob->written_usec > 0 && knob->state == KNOB_FAILED)) /* its present value is unknown */
                return;
        knob->state = knob_managed_state(knob);
        knob->yielded = NULL;
        knob->error = 0;
}

/* Handles a knob that is left to another program. The target is kept up to date, since the service manages the knob again once it
 * has the target value. */
static int collect_yielded(struct knob *knob, const struct plan_target *target) {
        knob->wanted = NULL;
        if (target->value[0] == '\0')
                return 0;
        knob->wanted = target->satisfied ? knob_expected(knob) : text_intern(target->value);
        if (!knob->wanted)
                return -ENOMEM;
        if (target->satisfied)
                settle_as_it_is(knob);
        return 0;
}

int collect(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct collecting *collecting = userdata;
        const char *wanted;

        if (target->read_only)
                return 0;
        if (target->bounded_by)
                target->bounded_by->bounds = true;
        if (knob->state == KNOB_YIELDED && !collecting->explicit)
                return collect_yielded(knob, target);
        if (target->value[0] == '\0')
                return collect_unwanted(collecting, knob);
        wanted = target->satisfied ? knob_expected(knob) : text_intern(target->value);
        if (!wanted)
                return -ENOMEM;
        knob->wanted = wanted;
        if (collecting->explicit)
                knob->reasserted = 0;
        if (!target->satisfied)
                return operations_add(&collecting->operations, knob, wanted, false);
        settle_as_it_is(knob);
        return 0;
}
