/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_INEFFECTIVE_H
#define CORE_INEFFECTIVE_H

#include "core/config/config.h"
#include "core/decide/plan.h"
#include "core/machine/machine.h"

/* Lines of a configuration that do nothing on this machine: their knob is not here, cannot be set, is switched off, or offers none of the
 * values. Judging reads no hardware: what knobs offer is known since they were found. */

/* Who knows the governors of sessions, which are no drivers: true when `name` is none that can be loaded here, and `ret`, of ADVICE_MAX bytes, says
 * so. */
struct governor_judge {
        bool (*lacks)(const char *name, char *ret, void *userdata); /* NULL: governors are not judged */
        void *userdata;
};

struct ineffective_line {
        const char *origin; /* "file:line" */
        const char *reason; /* sentence for people */
        const char *knob;   /* "" when it is about something else */
        const char *driver; /* NULL any */
};

typedef void (*ineffective_fn)(const struct ineffective_line *line, void *userdata);

/* What lines are judged by. */
struct judging {
        const struct config *config; /* whose lines; may have errors */
        bool in_force;               /* it blocks all the drivers that are blocked */
        struct plan_input input;     /* `enabled` and `blocked` of `config` */
        const struct machine *machine;
        struct governor_judge governors;
};

/* Those of one profile that have no effect and, unlike those with a value that is not on offer, no row of the plan either. */
void ineffective_each_hidden(const struct judging *judging, const struct profile *profile, ineffective_fn each, void *userdata);
/* All profiles' lines without effect, as warnings beside the other findings (core/config/findings.h), which are sorted. */
void ineffective_warn(const struct judging *judging, char **findings);
/* The same, to the log, with what was found before (NULL: nothing), which it frees. */
void ineffective_log(const struct judging *judging, char *findings);

/* Those of the active profile, lines that are overridden, and names of governors, and in `enable`, `block` and [driver], that stand for nothing. They are kept, since any client may ask, and
 * each look compares all lines with all knobs. */
struct ineffective {
        struct ineffective_line *items; /* their reasons are malloc'ed, the other texts interned */
        size_t n;
        bool known;
};

/* To be called when the profile in force, the configuration, an action or the knobs have changed. */
void ineffective_forget(struct ineffective *ineffective);
/* `judging->input.profile` is the active one. */
void ineffective_each(struct ineffective *ineffective, const struct judging *judging, ineffective_fn each, void *userdata);

#endif
