/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/config/config.h"

/* Determines which rules of the configuration hold, and which one decides. These functions use no clock and no I/O. */

/* Names that are active at the moment: active units, running programs. Bounded by the number of names that 64 rules can contain. */
#define NAMES_MAX 512
struct names_on {
        const char *items[NAMES_MAX]; /* interned */
        uint32_t n;
};

/* Adds or removes a name. Returns true if the set has changed. A new name is ignored if there are NAMES_MAX already, or if memory
 * is short. */
bool names_set(struct names_on *names, const char *name, bool on);

/* The circumstances to which conditions of rules refer. */
struct surroundings {
        bool on_battery;
        int percent; /* of the battery, -1: unknown, and no battery-below condition holds */
        bool idle;   /* logind reports that the machine is idle */
        const struct names_on *units, *programs;
};

bool rule_holds(const struct rule *rule, const struct surroundings *around);
/* Returns the first rule that holds and whose profile exists in the configuration and is offered by the machine; NULL none. */
const struct rule *rules_decide(const struct config *config, const struct surroundings *around,
                                const bool available[static PROFILE_BASE_COUNT]);

#endif
