/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_MODEL_H
#define TOOLS_TOP_MODEL_H

#include "tools/common/manager.h"
#include "tools/common/session-list.h"

#define TOP_LOOKS 60

/* The data of governorctl top: the latest state, and the recent history of each session. */

/* The history of one session. */
struct top_track {
        char *path;
        uint64_t samples, violations; /* at the latest query */
        double per_second;            /* negative: unknown, as there was only one query */
        double late_per_second;       /* samples per second that took longer than the target; likewise */
        size_t n;                     /* queries so far, TOP_LOOKS at most */
        uint32_t estimates[TOP_LOOKS], slacks[TOP_LOOKS],
                levels[TOP_LOOKS]; /* oldest first, for charts; slack: 0 is a target too late */
};

/* The order of sessions: by their opening, or by one of these values, the worst or highest first. */
enum top_sort { TOP_SORT_AGE, TOP_SORT_SLACK, TOP_SORT_LATE, TOP_SORT_LEVEL, TOP_SORT_RATE, TOP_N_SORTS };

struct top_model {
        bool running;        /* the service answers */
        const char *problem; /* why it does not answer, or what is wrong; NULL: no problem is known */
        char *problem_text;  /* the service's message, or NULL */
        struct manager manager;
        struct session_list sessions;
        struct top_track *tracks; /* one for each session, in the same order */
        size_t n_tracks;
        struct rows cpus;
        uint64_t look_usec; /* monotonic time of the latest query, 0: none yet */
};

/* Takes a new list of sessions (*list is empty afterwards). If `usec` is not 0 it is the time of the query: a point is added to the
 * charts and rates are computed. 0: only the state is updated. */
void top_model_sessions(struct top_model *model, struct session_list *list, uint64_t usec);
/* Removes everything: the service has stopped. */
void top_model_forget(struct top_model *model);
void top_model_free(struct top_model *model);

/* Returns the numbers of the sessions in the given order (malloc'ed). */
size_t *top_model_order(const struct top_model *model, enum top_sort sort);
/* Converts the sessions with their rates to rows of top_session_columns. */
void top_model_rows(const struct top_model *model, struct rows *ret);
/* Finds the end of a run of CPUs with the same kind, range and state as `row`: returns the number behind its last one. */
size_t top_model_run(const struct rows *cpus, size_t row);

#endif
