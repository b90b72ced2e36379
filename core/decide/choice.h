/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

#include "core/config/config.h"
#include "core/decide/request.h"

/* Determines the profile that should be in force. In order of precedence, it is the profile of a hold, that of a rule, the one that
 * the firmware imposes, or the one that a user selected. Profiles that the machine does not offer are ignored, and balanced takes
 * the place of a selected one that is not offered. A selection by a user overrides the rule that decides at that moment, until
 * another rule, or none, decides. These functions use no clock and no I/O: the caller passes the time (CLOCK_BOOTTIME). */

/* The origin of the selection. */
enum origin { ORIGIN_START, ORIGIN_MANUAL, ORIGIN_FIRMWARE };

/* Circumstances. Firmware may react to their changes by changing its platform profile, although the user has pressed no key. */
enum circumstance { ON_LAP, ON_BATTERY, CIRCUMSTANCES };

struct choice {
        const struct profile *selected; /* by a user, or at the start */
        enum origin origin;
        const struct rule *deciding; /* the rule that decides now, NULL none */
        /* the rule that decided when a user selected a profile, NULL none; without effect until another rule, or none, decides */
        const struct rule *overridden;
        const struct profile *imposed;             /* profile that the firmware imposes in place of the selected one, NULL none */
        enum circumstance imposed_by;              /* `imposed` is the reaction to its change, and ends when it changes again */
        bool circumstances[CIRCUMSTANCES];         /* latest known state */
        uint64_t circumstance_usec[CIRCUMSTANCES]; /* of the latest change since the start, 0: none */
        struct {
                /* profile selected before the latest choice by a key, NULL: no such choice, or it cannot be reverted any more */
                const struct profile *before;
                enum origin origin;            /* of that profile */
                const struct rule *overridden; /* `overridden` at that time */
                uint64_t usec;                 /* time of the choice by a key */
        } key;
};

struct decision {
        const struct profile *profile;
        char cause[96]; /* for users: "hold:COOKIE", "rule:NAME", "firmware", "manual", "start", "unavailable" */
};

/* Returns the profile of the deciding rule, NULL if there is none or it is overridden. */
const struct profile *choice_rule_profile(const struct choice *choice, const struct config *config);
/* Determines the profile that should be in force, and the cause. */
void choice_decide(const struct choice *choice, const struct requests *requests, const struct config *config,
                   const bool available[static PROFILE_BASE_COUNT], struct decision *ret);

const char *origin_name(enum origin origin);
/* Records a selection. It ends a profile that the firmware imposes, and overrides the deciding rule. */
void choice_select(struct choice *choice, const struct profile *profile, enum origin origin);
/* Records a selection that seems to come from a key. It can be reverted if a circumstance turns out to be the cause. */
void choice_select_by_key(struct choice *choice, const struct profile *profile, uint64_t now_usec);
/* Records a profile that the firmware imposes because of the circumstance `by`. */
void choice_impose(struct choice *choice, const struct profile *profile, enum circumstance by);
/* Records the rule that decides now. Returns false if it is the same as before. */
bool choice_set_rule(struct choice *choice, const struct rule *rule);

enum circumstance_effect {
        CIRCUMSTANCE_SAME,
        CIRCUMSTANCE_ENDS_IMPOSED, /* the profile that the firmware imposed no longer counts */
        CIRCUMSTANCE_TAKES_KEY,    /* the change that seemed to come from a key was a reaction of the firmware: its profile is now
                                   imposed instead of selected */
};
/* Records the state of a circumstance. Returns CIRCUMSTANCE_SAME if this does not affect the choice. While `started` is false, the
 * state is only stored. */
enum circumstance_effect choice_set_circumstance(struct choice *choice, enum circumstance which, bool on, bool started,
                                                 uint64_t now_usec);
/* Returns true if a circumstance has changed in the last two seconds, so that a change by the firmware may be a reaction to it.
 * *ret is the circumstance that changed last. */
bool choice_is_answered(const struct choice *choice, uint64_t now_usec, enum circumstance *ret);

/* Returns the standard profile whose line for the knob has `value` as its target or as an accepted value, NULL if there is none. If
 * several have it, because the firmware offers fewer modes, balanced takes precedence, then power-saver. */
const struct profile *choice_of_firmware(const struct config *config, const struct profile_context *context,
                                         const struct profile_knob *knob, const char *value);

/* Replaces the profiles and rules of the choice by those with the same names in a new configuration. Returns false if the selected
 * profile no longer exists; the standard profile on which it was based is then selected instead. Afterwards a choice by a key
 * cannot be reverted. */
bool choice_adopt_config(struct choice *choice, const struct config *config);

#endif
