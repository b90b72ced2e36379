/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DRIFT_H
#define CORE_DRIFT_H

#include "core/config/config.h"
#include "core/machine/knob.h"

/* Classifies new values of knobs. These functions neither write nor report anything. Drift is a change by another program or the
 * firmware that is not a choice of the user. Depending on the configuration, the service leaves it alone or reverts it a limited
 * number of times. A knob that was left alone is managed again as soon as it has its previous value or its target. */

enum sight {
        SIGHT_UNFINISHED, /* the value may still be changing: to be read again later */
        SIGHT_SENSOR,
        SIGHT_GONE,  /* the knob can no longer be read */
        SIGHT_OWN,   /* the postponed read-back of a write by the service */
        SIGHT_VALUE, /* the present value, which may or may not have changed */
};

/* Reads the knob into `ret`, which has GOVERNORD_VALUE_MAX bytes. `who_is_known` is true if the kernel reported the process that
 * wrote it. With `last`, the result is never SIGHT_UNFINISHED. */
enum sight drift_look(const struct knob *knob, bool who_is_known, bool last, char *ret);

enum verdict {
        VERDICT_NOTHING,
        VERDICT_BACK,    /* the knob, which was left alone, has its target or its previous value again */
        VERDICT_FOREIGN, /* the value differs from the target */
        VERDICT_BOUND,   /* an upper limit that the profile leaves alone has changed: the corresponding lower limit may now be too
                          high, or may be raised */
};

/* Returns true if knob->value is the target, or the value before the change that was left alone. */
bool drift_is_back(const struct knob *knob);
/* Judges knob->value. `before` is the previous value, NULL if it could not be read: then a failed knob has become readable again,
 * which does not count as a change by another program. */
enum verdict drift_judge(const struct knob *knob, const char *before);

/* Returns how many times drift of this knob may be reverted. Even if drift is left alone, a knob that could not be set is tried
 * once more, because the program that prevented the write may just have ended. */
uint32_t drift_answers(const struct config *config, const struct knob *knob);

#endif
