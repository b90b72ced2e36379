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
        uint64_t samples, violations; /* counters at the latest update */
        double per_second;            /* samples per second; negative: unknown, as after the first update */
        double late_per_second;       /* samples above the target, per second; negative: unknown */
        size_t n;                     /* number of values in each of these arrays */
        uint32_t estimates[TOP_LOOKS], slacks[TOP_LOOKS],
                levels[TOP_LOOKS]; /* values for charts, oldest first, or CHART_NONE; slacks: target plus slack, 0 to 2 * target, in us */
};

/* The order of sessions: by age, oldest first; by slack relative to the target, lowest first; or by late samples per second, level,
 * or samples per second, highest first. */
enum top_sort { TOP_SORT_AGE, TOP_SORT_SLACK, TOP_SORT_LATE, TOP_SORT_LEVEL, TOP_SORT_RATE, TOP_N_SORTS };

struct top_model {
        bool running;        /* the service has answered */
        const char *problem; /* description of a failure; NULL: none */
        char *problem_text;  /* the error message of the service or the bus, or NULL */
        struct manager manager;
        struct session_list sessions;
        struct top_track *tracks; /* one for each session, in the same order */
        size_t n_tracks;
        struct rows cpus;
        uint64_t look_usec; /* CLOCK_MONOTONIC at the latest update; 0: no update yet */
};

/* Replaces the list of sessions by *list, which is empty afterwards. `usec` is the time of the query: rates are computed, and values are
 * added to the charts. 0: only the state is updated. */
void top_model_sessions(struct top_model *model, struct session_list *list, uint64_t usec);
/* Makes the next list of sessions begin new histories, since it comes from another instance of the service. */
void top_model_forget_history(struct top_model *model);
/* Removes all data, except the problem, after the service has stopped. */
void top_model_forget(struct top_model *model);
void top_model_free(struct top_model *model);

/* Returns the indices of the sessions in the given order (malloc'ed). */
size_t *top_model_order(const struct top_model *model, enum top_sort sort);
/* Converts the sessions with their rates to rows of top_session_columns. */
void top_model_rows(const struct top_model *model, struct rows *ret);
/* Returns the row after the group of CPUs that begins at `row`: adjacent rows with the same kind and range, all online or all
 * offline. */
size_t top_model_run(const struct rows *cpus, size_t row);

#endif
