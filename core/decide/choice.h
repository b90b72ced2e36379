/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

#include "core/config/config.h"
#include "core/decide/request.h"

/*
 * Determines the profile that should be in force. In order of precedence: that of a hold, of a rule, the one that the firmware
 * imposes, the one that a person selected; of these, only profiles that the machine offers. A selection by a person overrides the
 * rule that decides at that moment, until the result of the rules changes. No clock, no I/O: the caller passes the time
 * (CLOCK_BOOTTIME).
 */

/* How the selected profile was selected. */
enum origin { ORIGIN_START, ORIGIN_MANUAL, ORIGIN_FIRMWARE };

/* Changes to which firmware may react by changing its platform profile, although the user has pressed no key. */
enum circumstance { ON_LAP, ON_BATTERY, CIRCUMSTANCES };

struct choice {
        const struct profile *selected; /* by a person, or at the start */
        enum origin origin;
        const struct rule *deciding;       /* the rule that holds now, NULL none */
        const struct rule *overridden;     /* a person selected a profile while this rule decided: it has no effect until the result
                                              of the rules changes */
        const struct profile *imposed;     /* profile that the firmware imposes in place of the selected one, NULL none */
        enum circumstance imposed_by;      /* the circumstance that caused it; its next change ends it */
        bool circumstances[CIRCUMSTANCES]; /* latest known state */
        uint64_t circumstance_usec[CIRCUMSTANCES]; /* of the latest change, 0 never */
        struct {
                const struct profile *before;  /* profile selected before the latest choice by a key, NULL: none, or final */
                enum origin origin;            /* of that profile */
                const struct rule *overridden; /* `overridden` at that time */
                uint64_t usec;                 /* time of the choice by a key */
        } key;
};

struct decision {
        const struct profile *profile;
        char cause[96]; /* for people: "hold:COOKIE", "rule:NAME", "firmware", "manual", "start", "unavailable" */
};

/* Returns the profile of the deciding rule, unless that rule is overridden; NULL none. */
const struct profile *choice_rule_profile(const struct choice *choice, const struct config *config);
void choice_decide(const struct choice *choice, const struct requests *requests, const struct config *config,
                   const bool available[static PROFILE_BASE_COUNT], struct decision *ret);

const char *origin_name(enum origin origin);
/* Records the choice of a person. */
void choice_select(struct choice *choice, const struct profile *profile, enum origin origin);
/* Records a choice that seems to come from a key. The previous selection is kept, since the circumstance that may have caused the
 * change can be detected later than the change. */
void choice_select_by_key(struct choice *choice, const struct profile *profile, uint64_t now_usec);
void choice_impose(struct choice *choice, const struct profile *profile, enum circumstance by);
/* Records the rule that decides now. Returns false if it is the same as before. */
bool choice_set_rule(struct choice *choice, const struct rule *rule);

enum circumstance_effect {
        CIRCUMSTANCE_SAME,
        CIRCUMSTANCE_ENDS_IMPOSED, /* the selected profile is in force again */
        CIRCUMSTANCE_TAKES_KEY,    /* the change that seemed to come from a key was a reaction of the firmware: that profile is now
                                      imposed, not selected */
};
/* Records the state of a circumstance. Returns CIRCUMSTANCE_SAME also when the state has not changed. Before `started` is true, the
 * state is stored without effect. */
enum circumstance_effect choice_set_circumstance(struct choice *choice, enum circumstance which, bool on, bool started,
                                                 uint64_t now_usec);
/* Returns true if a circumstance has changed just now, so that a change by the firmware may be a reaction to it. *ret is the one
 * that changed last. */
bool choice_is_answered(const struct choice *choice, uint64_t now_usec, enum circumstance *ret);

/* Returns the base profile to which a value of the firmware corresponds, according to the lines that would write that value; NULL
 * none. If two profiles write the same value, since the firmware offers no other, it corresponds to "balanced". */
const struct profile *choice_of_firmware(const struct config *config, const struct profile_context *context,
                                         const struct profile_knob *knob, const char *value);

/* Translates the choice to a new configuration. Returns false if the selected profile does not exist any more; its base is selected
 * in its place. */
bool choice_adopt_config(struct choice *choice, const struct config *config);

#endif
