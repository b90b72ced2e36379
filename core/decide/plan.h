/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>

#include "core/config/profile.h"
#include "core/decide/arbiter.h"
#include "core/decide/demand.h"
#include "core/machine/knob.h"

/*
 * The plan: the target value of each knob for a given profile and the requests. Computing it writes nothing, so a switch, --dry-run
 * and Explain use the same code. It may read hardware: see `refresh`.
 */

struct plan_input {
        const struct profile *profile;
        struct profile_context context;
        const struct requests *requests;
        const struct topology *topology;
        const char *enabled;           /* word list: opt-in drivers and knobs */
        const char *blocked;           /* word list: drivers and knobs */
        const struct demands *demands; /* demands of sessions; NULL none */
        bool refresh;                  /* read unwatched knobs that may get a target again, and store their values in the knobs */
        bool (*action_enabled)(const char *knob, void *userdata);
        void *userdata;
};

struct plan_target {
        char value[GOVERNORD_VALUE_MAX]; /* "": leave the knob alone (or restore its original value) */
        bool satisfied;                  /* the present or pending value of the knob is the target, or one that the line accepts */
        const struct profile_line *line; /* the profile's line; NULL none */
        bool unavailable;                /* the knob offers none of the values of the line */
        bool read_only; /* the profile has a line for the knob, but the knob cannot be written here; `unavailable` is set, too */
        enum limiter limiter;
        struct knob *bounded_by; /* a limit that the plan leaves alone and on whose value the target depends: the upper limit of
                                  * the domain, or this knob, if its value is below a ceiling; NULL none */
        struct level_range levels;
};

/* Calls `each`, in order of writing, for every knob that may be written, including those left alone; for read-only knobs for which
 * the profile has a line; and, without a target, for knobs that were set before they were blocked or disabled. A negative return of
 * `each` ends the iteration and is returned. Otherwise returns 0 or -ENOMEM. Keeps the candidate lines of the profile in the groups
 * for the next call. */
int plan_each(const struct plan_input *input, struct knobs *knobs,
              int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata);

/* As plan_each(), but only for the writable knobs by which sessions control the CPUs in `demands` (limits on frequency and on the
 * exit latency of idle states). A knob that several of these CPUs share is visited once. */
int plan_demands(const struct plan_input *input, struct knobs *knobs, const struct cpu_demand *demands, size_t n,
                 int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata);
/* Returns false for sensors, and for knobs that are blocked, that must be enabled and are not, or that belong to a disabled
 * action. */
bool plan_allows(const struct plan_input *input, const struct knob_group *group);
/* Returns true for limits on which level floors and ceilings act: frequency limits of CPUs, and limits of devices in kHz, percent
 * or levels. */
bool plan_takes_levels(const struct knob *knob);

/* Drops the candidate lines that were kept. To be called when the configuration was replaced. */
void plan_forget(struct knobs *knobs);

/* Formats what decides or limits the target: "profile performance (governord.conf:71)", "ceiling 512 of backup (nightly run)", ""
 * for nothing. */
void plan_format_limiter(const struct plan_input *input, const struct plan_target *target, char *ret, size_t size);

#endif
