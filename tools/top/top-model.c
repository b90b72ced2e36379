/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The results of the queries. A session is identified by its path. When the service stops, all sessions are removed, since its next
 * instance may assign the same paths to other sessions. */

#include "tools/top/top-model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/columns.h"
#include "tools/common/xalloc.h"
#include "tools/top/top-chart.h"

static void push(uint32_t *values, size_t n, uint32_t value) {
        if (n == TOP_LOOKS)
                memmove(values, values + 1, (--n) * sizeof(*values));
        values[n] = value;
}

/* Returns the value for the chart of the slack, whose scale goes from 0 to twice the target: `target_us` means a slack of 0, higher
 * values a positive slack, lower values a negative one. */
static uint32_t slack_place(const struct session *s) {
        int64_t place = (int64_t) s->target_us + s->slack_us;

        return s->estimate_us == 0 ? CHART_NONE : (uint32_t) MAX(MIN(place, 2 * (int64_t) s->target_us), 0);
}

/* Adds the values of a query to the history. A rate is computed from two queries. */
static void track_look(struct top_track *track, const struct session *s, uint64_t since_usec) {
        if (session_is_hidden(s))
                return;
        track->per_second = track->late_per_second = -1;
        if (since_usec > 0 && s->samples >= track->samples && s->violations >= track->violations && track->n > 0) {
                track->per_second = (double) (s->samples - track->samples) * 1e6 / (double) since_usec;
                track->late_per_second = (double) (s->violations - track->violations) * 1e6 / (double) since_usec;
        }
        track->samples = s->samples;
        track->violations = s->violations;
        push(track->estimates, track->n, s->estimate_us == 0 ? CHART_NONE : s->estimate_us);
        push(track->slacks, track->n, slack_place(s));
        push(track->levels, track->n, s->active ? s->level : CHART_NONE);
        track->n = MIN(track->n + 1, TOP_LOOKS);
}

static void tracks_free(struct top_track *tracks, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(tracks[i].path);
        free(tracks);
}

/* Removes the history of the session with this path from the model and returns it. Returns an empty history if there is none. */
static struct top_track take_track(struct top_model *model, const char *path) {
        struct top_track none = { .per_second = -1, .late_per_second = -1 };

        for (size_t i = 0; i < model->n_tracks; i++)
                if (model->tracks[i].path && strcmp(model->tracks[i].path, path) == 0) {
                        struct top_track track = model->tracks[i];

                        model->tracks[i].path = NULL;
                        return track;
                }
        none.path = xstrdup(path);
        return none;
}

void top_model_sessions(struct top_model *model, struct session_list *list, uint64_t usec) {
        struct top_track *tracks = must(calloc(list->n + 1, sizeof(*tracks)));
        uint64_t since = model->look_usec > 0 && usec > model->look_usec ? usec - model->look_usec : 0;

        for (size_t i = 0; i < list->n; i++) {
                tracks[i] = take_track(model, list->items[i].path);
                if (usec > 0)
                        track_look(&tracks[i], &list->items[i], since);
        }
        tracks_free(model->tracks, model->n_tracks);
        session_list_free(&model->sessions);
        model->tracks = tracks;
        model->n_tracks = list->n;
        model->sessions = *list;
        if (usec > 0)
                model->look_usec = usec;
        *list = (struct session_list){};
}

void top_model_forget_history(struct top_model *model) {
        for (size_t i = 0; i < model->n_tracks; i++) {
                free(model->tracks[i].path);
                model->tracks[i].path = NULL;
        }
}

void top_model_forget(struct top_model *model) {
        tracks_free(model->tracks, model->n_tracks);
        model->tracks = NULL;
        model->n_tracks = 0;
        session_list_free(&model->sessions);
        rows_free(&model->cpus);
        manager_free(&model->manager);
        model->running = false;
        model->look_usec = 0;
}

void top_model_free(struct top_model *model) {
        top_model_forget(model);
        free(model->problem_text);
        model->problem_text = NULL;
}

/* Returns the key by which sessions are sorted, highest first. */
static double weight(const struct top_model *model, size_t i, enum top_sort sort) {
        const struct session *s = &model->sessions.items[i];

        switch (sort) {
        case TOP_SORT_SLACK: /* relative to the target; sessions without an estimate are last */
                return s->estimate_us == 0 ? -1e9 : -(double) s->slack_us / MAX(s->target_us, 1);
        case TOP_SORT_LATE:
                return model->tracks[i].late_per_second;
        case TOP_SORT_LEVEL:
                return s->active && !session_is_hidden(s) ? (double) s->level : -1;
        case TOP_SORT_RATE:
                return model->tracks[i].per_second;
        case TOP_SORT_AGE:
        case TOP_N_SORTS:
                break;
        }
        return 0;
}

/* Insertion sort, which is stable; the number of sessions is small. */
size_t *top_model_order(const struct top_model *model, enum top_sort sort) {
        size_t n = model->sessions.n, *order = must(calloc(n + 1, sizeof(*order)));

        for (size_t i = 0; i < n; i++) {
                size_t place = i;

                for (; place > 0 && weight(model, order[place - 1], sort) < weight(model, i, sort); place--)
                        order[place] = order[place - 1];
                order[place] = i;
        }
        return order;
}

void top_model_rows(const struct top_model *model, struct rows *ret) {
        char rate[32];

        session_list_rows(&model->sessions, &top_session_columns, ret);
        for (size_t i = 0; i < ret->n; i++) {
                if (model->tracks[i].per_second < 0)
                        continue;
                (void) snprintf(rate, sizeof(rate), "%.1f", model->tracks[i].per_second);
                rows_set(ret, i, "samples_per_second", rate);
                (void) snprintf(rate, sizeof(rate), "%.1f", model->tracks[i].late_per_second);
                rows_set(ret, i, "violations_per_second", rate);
        }
}

size_t top_model_run(const struct rows *cpus, size_t row) {
        static const char *const keys[] = { "kind", "online", "floor", "ceiling" };
        size_t end = row + 1;

        for (; end < cpus->n; end++)
                for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
                        if (strcmp(rows_get(cpus, row, keys[k]), rows_get(cpus, end, keys[k])) != 0)
                                return end;
        return end;
}
