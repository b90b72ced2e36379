/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DRIFT_H
#define CORE_DRIFT_H

#include "core/config/config.h"
#include "core/machine/knob.h"

/*
 * Determines the meaning of a new value of a knob. Nothing is written or reported here: the caller acts on the results. Drift is a
 * change that is neither the service's nor the user's choice. As configured, it is left alone or corrected a bounded number of
 * times. A knob that was left alone is managed again when it has its previous value again.
 */

enum sight {
        SIGHT_UNFINISHED, /* the value may be changing: read again a moment later */
        SIGHT_SENSOR,
        SIGHT_GONE,  /* the knob can no longer be read */
        SIGHT_OWN,   /* the late read-back of a write of the service */
        SIGHT_VALUE, /* the present value, changed or not */
};

/* Reads the knob into `ret`, which has GOVERNORD_VALUE_MAX bytes. `who_is_known` is true if the kernel reported the process that
 * wrote it. With `last`, the present value counts as final. */
enum sight drift_look(const struct knob *knob, bool who_is_known, bool last, char *ret);

enum verdict {
        VERDICT_NOTHING,
        VERDICT_BACK,    /* another program has restored the value: the present target, or the value before its change */
        VERDICT_FOREIGN, /* the value differs from the target */
        VERDICT_BOUND,   /* it is an upper limit that the profile leaves alone: the lower limit that belongs to it may now be too
                          high, or may rise */
};

bool drift_is_back(const struct knob *knob);
/* Judges knob->value; `before` is the previous value, NULL if it could not be read. A knob that had failed and can be read again
 * has not been changed by another program. */
enum verdict drift_judge(const struct knob *knob, const char *before);

/* Returns how often the value of another program may be replaced. A knob that could not be set gets one more try even where drift
 * is left alone: the program that prevented the write may just have finished. */
uint32_t drift_answers(const struct config *config, const struct knob *knob);

#endif
