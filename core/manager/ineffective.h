/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_INEFFECTIVE_H
#define CORE_INEFFECTIVE_H

#include "core/config/config.h"
#include "core/decide/plan.h"
#include "core/machine/machine.h"

/* Lines of a configuration that have no effect on this machine: their knob does not exist, cannot be set, is switched off, or
 * offers none of the values. No hardware is read: the drivers described what knobs offer when they were found. */

/* Judges names of governors of sessions, which are not drivers. lacks() returns true when no governor `name` can be loaded here;
 * `ret`, of ADVICE_MAX bytes, receives a sentence. */
struct governor_judge {
        bool (*lacks)(const char *name, char *ret, void *userdata); /* NULL: governors are not judged */
        void *userdata;
};

struct ineffective_line {
        const char *origin; /* "file:line" */
        const char *reason; /* sentence for people */
        const char *knob;   /* "" when the line concerns no knob */
        const char *driver; /* NULL any */
};

typedef void (*ineffective_fn)(const struct ineffective_line *line, void *userdata);

/* The basis on which lines are judged. */
struct judging {
        const struct config *config; /* configuration with the lines; may have errors */
        bool in_force;               /* this configuration is in force, so it accounts for all blocked drivers */
        struct plan_input input;     /* `enabled` and `blocked` of `config` */
        const struct machine *machine;
        struct governor_judge governors;
};

/* Calls `each` for the lines of one profile that have no effect and for which the plan has no row. (A line whose value is not on
 * offer has a row.) */
void ineffective_each_hidden(const struct judging *judging, const struct profile *profile, ineffective_fn each, void *userdata);
/* Adds warnings about all lines of all profiles that have no effect to the findings (core/config/findings.h), and sorts them. */
void ineffective_warn(const struct judging *judging, char **findings);
/* Logs these warnings together with earlier findings (NULL: none), which it frees. */
void ineffective_log(const struct judging *judging, char *findings);

/* Lines without effect of the active profile, overridden lines, and names (of governors, and in `enable`, `block` and [driver])
 * that match nothing. They are cached, since any client may request them, and finding them compares all lines with all knobs. */
struct ineffective {
        struct ineffective_line *items; /* `reason` is malloc'ed, the other texts are interned */
        size_t n;
        bool known;
};

/* Drops the cached lines. To be called when the profile in force, the configuration, an action or the knobs have changed. */
void ineffective_forget(struct ineffective *ineffective);
/* Calls `each` for these lines. `judging->input.profile` must be the active profile. */
void ineffective_each(struct ineffective *ineffective, const struct judging *judging, ineffective_fn each, void *userdata);

#endif
