/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/config/config.h"

/* Rules of the configuration: which of them hold, and which one decides. Pure. */

/* Names that are on at the moment: units that are active, programs that run. Bounded by what 64 rules can name. */
#define NAMES_MAX 512
struct names_on {
        const char *items[NAMES_MAX]; /* interned */
        uint32_t n;
};

/* True when it changed something; one that would be too many is left out. */
bool names_set(struct names_on *names, const char *name, bool on);

/* What the conditions of rules look at. */
struct surroundings {
        bool on_battery;
        int percent; /* of the battery, -1 unknown: then no battery-below condition holds */
        bool idle;   /* logind says that the machine is */
        const struct names_on *units, *programs;
};

bool rule_holds(const struct rule *rule, const struct surroundings *around);
/* The first rule that holds and whose profile the configuration has and the machine offers, NULL none. */
const struct rule *rules_decide(const struct config *config, const struct surroundings *around,
                                const bool available[static PROFILE_BASE_COUNT]);

#endif
