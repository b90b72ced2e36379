/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/drift.h"

/* Returns true if the value has become empty or unreadable, as in the middle of a write. */
static bool is_unfinished(const struct knob *knob, int length) {
        return length < 0 ? knob->value != NULL : length == 0 && !(knob->value && knob->value[0] == '\0');
}

enum sight drift_look(const struct knob *knob, bool who_is_known, bool last, char *ret) {
        bool unread = knob->written_usec > 0;
        int r;

        ret[0] = '\0';
        r = unread && !last ? 0 : knob_read(knob, ret);
        if (!last && (unread || is_unfinished(knob, r)))
                return SIGHT_UNFINISHED;
        if (knob_is_sensor(knob))
                return SIGHT_SENSOR;
        if (r < 0)
                return SIGHT_GONE;
        return unread && !who_is_known ? SIGHT_OWN : SIGHT_VALUE;
}

bool drift_is_back(const struct knob *knob) {
        return (knob->wanted && knob_matches(knob, knob->wanted, knob->value)) ||
               (knob->yielded && knob_same(knob->yielded, knob->value));
}

enum verdict drift_judge(const struct knob *knob, const char *before) {
        if (knob->state == KNOB_YIELDED && drift_is_back(knob))
                return VERDICT_BACK;
        if (knob->wanted && knob->state != KNOB_YIELDED && !(knob->state == KNOB_FAILED && !before) &&
            !knob_matches(knob, knob->wanted, knob->value))
                return VERDICT_FOREIGN;
        return knob->bounds ? VERDICT_BOUND : VERDICT_NOTHING;
}

uint32_t drift_answers(const struct config *config, const struct knob *knob) {
        return config->drift == DRIFT_REASSERT ? config->drift_limit : knob->state == KNOB_FAILED ? 1 : 0;
}
