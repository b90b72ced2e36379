/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_MODEL_H
#define TOOLS_TOP_MODEL_H

#include "tools/common/manager.h"
#include "tools/common/session-list.h"

#define TOP_LOOKS 60

/* What governorctl top knows: the latest facts, and for each session its last looks. */

/* The looks of one session. */
struct top_track {
        char *path;
        uint64_t samples, violations; /* at the latest look */
        double per_second;            /* negative: one look is not enough to tell */
        double late_per_second;       /* those of them that took longer than the target; likewise */
        size_t n;                     /* looks so far, TOP_LOOKS at most */
        uint32_t estimates[TOP_LOOKS], slacks[TOP_LOOKS],
                levels[TOP_LOOKS]; /* oldest first, for charts; slack: 0 is a target too late */
};

/* The order of sessions: as they were opened, or by what is behind it, the worst or highest first. */
enum top_sort { TOP_SORT_AGE, TOP_SORT_SLACK, TOP_SORT_LATE, TOP_SORT_LEVEL, TOP_SORT_RATE, TOP_N_SORTS };

struct top_model {
        bool running;        /* the service answers */
        const char *problem; /* why it does not, or not as it should; NULL: nothing known */
        char *problem_text;  /* its own words, or NULL */
        struct manager manager;
        struct session_list sessions;
        struct top_track *tracks; /* as many as sessions, in their order */
        size_t n_tracks;
        struct rows cpus;
        uint64_t look_usec; /* monotonic time of the latest look, 0: none yet */
};

/* Takes a new list of sessions (*list is empty afterwards). `usec` not 0: a look at this time, which is added to the charts and makes
 * rates; 0: only the facts. */
void top_model_sessions(struct top_model *model, struct session_list *list, uint64_t usec);
/* The service is gone, and all that was known of it. */
void top_model_forget(struct top_model *model);
void top_model_free(struct top_model *model);

/* The numbers of the sessions in that order (malloc'ed). */
size_t *top_model_order(const struct top_model *model, enum top_sort sort);
/* The sessions with their rates, as rows of top_session_columns. */
void top_model_rows(const struct top_model *model, struct rows *ret);
/* CPUs that follow each other with equal kind, range and state: the number behind the last one that is as `row` is. */
size_t top_model_run(const struct rows *cpus, size_t row);

#endif
