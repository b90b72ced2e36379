/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

#include "core/config/config.h"
#include "core/decide/request.h"

/*
 * Which profile should be in force: a hold's, else a rule's, else the one that the firmware imposes, else the choice of a person, of those
 * that the machine offers. A person's choice overrides the rule that decides at that moment until the rules' answer changes.
 * No clock, no I/O: time is handed in (CLOCK_BOOTTIME).
 */

/* How the selected profile came to be selected. */
enum origin { ORIGIN_START, ORIGIN_MANUAL, ORIGIN_FIRMWARE };

/* What firmware may answer with another platform profile, although the user has pressed no key. */
enum circumstance { ON_LAP, ON_BATTERY, CIRCUMSTANCES };

struct choice {
        const struct profile *selected; /* by a person, or at the start */
        enum origin origin;
        const struct rule *deciding;       /* what the rules say now, NULL nothing */
        const struct rule *overridden;     /* a choice was made while this rule decided: it waits for the rules' next change */
        const struct profile *imposed;     /* in place of the selected one, by the firmware, NULL none */
        enum circumstance imposed_by;      /* until this changes again */
        bool circumstances[CIRCUMSTANCES]; /* as they were last */
        uint64_t circumstance_usec[CIRCUMSTANCES]; /* of their latest change, 0 never */
        struct {
                const struct profile *before;  /* selected before the latest choice by the firmware, NULL none or settled */
                enum origin origin;            /* of that */
                const struct rule *overridden; /* of that time */
                uint64_t usec;                 /* of the choice */
        } key;
};

struct decision {
        const struct profile *profile;
        char cause[96]; /* for people: "hold:COOKIE", "rule:NAME", "firmware", "manual", "start", "unavailable" */
};

/* The profile that the rules decide for, unless it is overridden, NULL none. */
const struct profile *choice_rule_profile(const struct choice *choice, const struct config *config);
void choice_decide(const struct choice *choice, const struct requests *requests, const struct config *config,
                   const bool available[static PROFILE_BASE_COUNT], struct decision *ret);

const char *origin_name(enum origin origin);
/* A person chose. */
void choice_select(struct choice *choice, const struct profile *profile, enum origin origin);
/* What looks like a key was pressed. It is remembered what was selected before, since a circumstance may be seen only afterwards. */
void choice_select_by_key(struct choice *choice, const struct profile *profile, uint64_t now_usec);
void choice_impose(struct choice *choice, const struct profile *profile, enum circumstance by);
/* False: the rules say what they said before. */
bool choice_set_rule(struct choice *choice, const struct rule *rule);

enum circumstance_effect {
        CIRCUMSTANCE_SAME,
        CIRCUMSTANCE_ENDS_IMPOSED, /* the selected profile is in force again */
        CIRCUMSTANCE_TAKES_KEY,    /* what looked like a key a moment ago was the firmware's answer: that profile is imposed */
};
/* The circumstance is as `on` says; CIRCUMSTANCE_SAME also when it was so before. `started`: changes count, else it is only remembered. */
enum circumstance_effect choice_set_circumstance(struct choice *choice, enum circumstance which, bool on, bool started,
                                                 uint64_t now_usec);
/* Whether one of them has changed just now, so that the firmware may have answered it. */
bool choice_is_answered(const struct choice *choice, uint64_t now_usec, enum circumstance *ret);

/* The base profile that a value of firmware stands for, by the same lines that would write it, NULL none. Where two profiles write the same
 * value, since firmware offers no other, it stands for "balanced". */
const struct profile *choice_of_firmware(const struct config *config, const struct profile_context *context,
                                         const struct profile_knob *knob, const char *value);

/* The same choice in terms of a new configuration. False: the selected profile is gone, its base is selected in its place. */
bool choice_adopt_config(struct choice *choice, const struct config *config);

#endif
