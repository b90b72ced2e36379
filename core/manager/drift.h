/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DRIFT_H
#define CORE_DRIFT_H

#include "core/config/config.h"
#include "core/machine/knob.h"

/*
 * What a new value of a knob means. Nothing is written or reported here: the caller acts on the answers. Drift, a change that is neither the
 * service's nor a wish of the user's, is left alone or answered a bounded number of times, as configured. A knob that was left alone is managed
 * again when it has its value again.
 */

enum sight {
        SIGHT_UNFINISHED, /* the value may be in the making: look again a moment later */
        SIGHT_SENSOR,
        SIGHT_GONE,  /* it cannot be read any more */
        SIGHT_OWN,   /* the read-back of a write that was not waited for */
        SIGHT_VALUE, /* what it has now, changed or not */
};

/* Reads the knob into `ret`, of GOVERNORD_VALUE_MAX. `who` is heard to have written it, 0 unknown. `last`: whatever it is now is so. */
enum sight drift_look(const struct knob *knob, bool who_is_known, bool last, char *ret);

enum verdict {
        VERDICT_NOTHING,
        VERDICT_BACK,    /* whoever changed it has put it back: to what is wanted now, or to what it had before */
        VERDICT_FOREIGN, /* it should have another value */
        VERDICT_BOUND, /* an upper limit that the profile leaves alone: the lower limit below it may now be too high, or be wanted higher */
};

bool drift_is_back(const struct knob *knob);
/* Of knob->value, which was `before`, NULL unreadable. A failed knob that can be read again is no change by another program. */
enum verdict drift_judge(const struct knob *knob, const char *before);

/* How often another program's value may be replaced. One that could not be set gets one more try even where drift is left alone: the program
 * that had kept the service from it may just have finished. */
uint32_t drift_answers(const struct config *config, const struct knob *knob);

#endif
