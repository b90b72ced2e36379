/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>

#include "core/config/profile.h"
#include "core/decide/arbiter.h"
#include "core/decide/demand.h"
#include "core/machine/knob.h"

/*
 * The plan: what each knob should be, given a profile and the requests. Computing it writes nothing, so the same code serves a
 * switch, --dry-run and Explain. It may read: see `refresh`.
 */

struct plan_input {
        const struct profile *profile;
        struct profile_context context;
        const struct requests *requests;
        const struct topology *topology;
        const char *enabled;           /* words: opt-in drivers and knobs */
        const char *blocked;           /* words: drivers, knobs */
        const struct demands *demands; /* of sessions; NULL none */
        bool refresh;                  /* values that are not watched are read again and remembered in their knobs */
        bool (*action_enabled)(const char *knob, void *userdata);
        void *userdata;
};

struct plan_target {
        char value[GOVERNORD_VALUE_MAX]; /* "": leave alone (or put the original back) */
        bool satisfied;                  /* the value that the knob has now is as good */
        const struct profile_line *line; /* the profile's line; NULL none */
        bool unavailable;                /* the line names nothing that this knob offers */
        bool read_only;                  /* the profile names it, the machine does not let it be set; also unavailable */
        enum limiter limiter;
        struct knob *bounded_by; /* the upper limit to this lower one, where the profile leaves it alone; NULL none */
        struct level_range levels;
};

/* Calls `each` for every knob that may be written, in order of writing, also for those left alone; and for read-only ones that the
 * profile names. A negative return of `each` ends the walk and is returned; -ENOMEM. Keeps the
 * profile's candidate lines in the groups for the next time. */
int plan_each(const struct plan_input *input, struct knobs *knobs,
              int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata);

/* The same for the knobs that sessions move, limits of frequency and wake-up time, of the CPUs that these demands name. A knob that several of
 * these CPUs share is visited once. */
int plan_demands(const struct plan_input *input, struct knobs *knobs, const struct cpu_demand *demands, size_t n,
                 int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata);
/* False for knobs that are blocked, not enabled or part of an action that is off. */
bool plan_allows(const struct plan_input *input, const struct knob_group *group);
/* True for limits on which level floors and ceilings act: frequency limits of CPUs, and limits of devices in kHz, per cent or levels. */
bool plan_takes_levels(const struct knob *knob);

/* Forgets the kept lines: to be called when the configuration was replaced. */
void plan_forget(struct knobs *knobs);

/* "profile performance (governord.conf:71)", "ceiling 512 of backup (nightly run)", "" */
void plan_format_limiter(const struct plan_input *input, const struct plan_target *target, char *ret, size_t size);

#endif
