/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_INEFFECTIVE_H
#define CORE_INEFFECTIVE_H

#include "core/config/config.h"
#include "core/decide/plan.h"
#include "core/machine/machine.h"

/* Lines of a configuration that have no effect on this machine, for example because their knob does not exist, cannot be set, is
 * blocked or not enabled, or offers none of the values. Built-in lines are not judged. No hardware is read: drivers describe what a
 * knob offers when it is probed. */

/* Judges names of governors of sessions. lacks() returns true if no governor `name` can be loaded here; `ret`, of ADVICE_MAX bytes,
 * then receives the reason as a sentence. */
struct governor_judge {
        bool (*lacks)(const char *name, char *ret, void *userdata); /* NULL: governors are not judged */
        void *userdata;
};

struct ineffective_line {
        const char *origin; /* "file:line" */
        const char *reason; /* sentence for users */
        const char *knob;   /* "" if the line concerns no knob */
        const char *driver; /* NULL: any */
};

typedef void (*ineffective_fn)(const struct ineffective_line *line, void *userdata);

/* The basis on which lines are judged. */
struct judging {
        const struct config *config; /* the configuration to be judged; may have errors */
        bool in_force;               /* no other configuration blocks drivers, so a knob that was not found does not exist */
        struct plan_input input;     /* with `enabled` and `blocked` of `config` */
        const struct machine *machine;
        struct governor_judge governors;
};

/* Calls `each` for the lines of one profile that have no effect and that Explain does not show with a knob. */
void ineffective_each_hidden(const struct judging *judging, const struct profile *profile, ineffective_fn each, void *userdata);
/* Adds a warning to the findings (core/config/findings.h) for each line and name of the configuration without effect, and sorts
 * them. */
void ineffective_warn(const struct judging *judging, char **findings);
/* Logs these warnings together with the earlier `findings`, which may be NULL, and frees those. */
void ineffective_log(const struct judging *judging, char *findings);

/* A cache of the lines without effect of the active profile, of overridden lines, and of names in `enable`, `block` and [driver]
 * that match nothing. Any client may request them, and finding them compares all lines with all knobs. */
struct ineffective {
        struct ineffective_line *items; /* `reason` is malloc'ed, the other texts are interned */
        size_t n;
        bool known; /* the cache is complete */
};

/* Drops the cached lines. To be called when the profile in force, the configuration, an action or the knobs have changed. */
void ineffective_forget(struct ineffective *ineffective);
/* Calls `each` for these lines, and for the configured governor if it cannot be loaded. `judging->input.profile` must be the active
 * profile. */
void ineffective_each(struct ineffective *ineffective, const struct judging *judging, ineffective_fn each, void *userdata);

#endif
