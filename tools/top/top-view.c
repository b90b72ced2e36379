/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen content of governorctl top, as lines. Text of other programs is cleaned by clean_dup() before it is truncated, so that the
 * result has no escape sequence. */

#include "tools/top/top-view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/columns.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/top/top-chart.h"

#define LEVEL_FULL  1024
#define RANGE_CELLS 32
#define NAME_WIDTH  20
#define CHART_MAX   (TOP_LOOKS / 2) /* cells, with two values in each */
#define CHART_MIN   8               /* width of the longest heading of a chart */

struct view {
        const struct top_model *model;
        const struct top_place *place;
        struct top_lines *lines;
};

static void add_line(const struct view *view, const char *text, enum style style) {
        struct top_lines *lines = view->lines;
        _cleanup_free_ char *clean = clean_dup(text);

        lines->items = must(reallocarray(lines->items, lines->n + 1, sizeof(*lines->items)));
        clean[utf8_fit(clean, view->place->width)] = '\0';
        lines->items[lines->n++] = (struct top_line){ TAKE_PTR(clean), style };
}

static void addf(const struct view *view, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void addf(const struct view *view, enum style style, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list args;

        va_start(args, format);
        text = xvasprintf(format, args);
        va_end(args);
        add_line(view, text, style);
}

/* Adds the lines of a table, each in the style of its row. */
static void add_table(const struct view *view, const struct table *table) {
        _cleanup_free_ char *text = NULL;
        size_t size = 0, row = 0;
        FILE *f = must(open_memstream(&text, &size));
        char *rest;

        table_print(table, f, 0, false);
        (void) fclose(f);
        rest = must(text);
        for (char *line; (line = strsep(&rest, "\n")) && rest; row++)
                add_line(view, line, table->styles[row]);
}

static void add_header(const struct view *view) {
        const struct manager *m = &view->model->manager;
        char cause[160];

        addf(view, STYLE_HEAD, "governord %s   profile %s (%s)", m->version, m->active[0] ? m->active : "none",
             cause_text(m->cause, cause, sizeof(cause)));
        if (m->rung[0])
                addf(view, STYLE_NONE, "governor %s   %s", m->governor[0] ? m->governor : "none yet", rung_text(m->rung));
        else
                add_line(view, "sessions are not available", STYLE_WARN);
        if (view->place->verbose && m->rung_reason[0])
                addf(view, STYLE_DIM, "rung %s (%s)", m->rung, m->rung_reason);
}

/* -- sessions -- */

static char *short_name(const char *name) {
        char *clean = clean_dup(name), *cut;

        if (utf8_width(clean) <= NAME_WIDTH)
                return clean;
        cut = xasprintf("%.*s…", (int) utf8_fit(clean, NAME_WIDTH - 1), clean);
        free(clean);
        return cut;
}

static const char *shown(char buffer[32], const char *(*show)(const char *, char *, size_t), int64_t value, bool known) {
        char raw[24];
        const char *text;

        if (!known)
                return "-";
        (void) snprintf(raw, sizeof(raw), "%" PRId64, value);
        text = show ? show(raw, buffer, 32) : raw;
        if (text != buffer)
                (void) snprintf(buffer, 32, "%s", text);
        return buffer;
}

static enum style session_style(const struct session *s) {
        return !s->active ? STYLE_DIM : s->slack_us < 0 ? STYLE_WARN : STYLE_NONE;
}

enum { CHART_ESTIMATE = 10, CHART_SLACK, CHART_LEVEL, N_COLUMNS };

/* The columns. To make room for charts on a narrow terminal, the squeeze level is increased, and columns with that level or a lower
 * one are left out. One of these is the chart of the estimate, since it is the chart of the slack upside down. */
#define ALWAYS   3
#define SQUEEZES 3
static const struct {
        const char *heading;
        unsigned squeeze;
} columns[N_COLUMNS] = {
        { "APPLICATION", ALWAYS }, { "PID", 2 },        { "TARGET", ALWAYS }, { "PCTL", ALWAYS }, { "ESTIMATE", ALWAYS },
        { "SLACK", ALWAYS },       { "LEVEL", ALWAYS }, { "PER SEC", 2 },     { "LATE/S", 2 },    { "CPUS", 1 },
        { "estimate", 2 },         { "slack", ALWAYS }, { "level", ALWAYS },
};

struct layout {
        unsigned squeeze;
        size_t cells; /* width of each chart; 0: no charts */
};

static bool is_shown(const struct layout *layout, size_t column) {
        return layout->squeeze < columns[column].squeeze && (column < CHART_ESTIMATE || layout->cells > 0);
}

static void add_row(struct table *table, const struct layout *layout, const char *const *cells, enum style style) {
        const char *row[N_COLUMNS];
        size_t n = 0;

        for (size_t i = 0; i < N_COLUMNS; i++)
                if (is_shown(layout, i))
                        row[n++] = cells[i];
        table->n_columns = n;
        table_add(table, row, style);
}

static void add_session(struct table *table, const struct layout *layout, const struct session *s, const struct top_track *track) {
        uint32_t twice = MAX(s->target_us, 1) * 2;
        char of_user[32];
        _cleanup_free_ char *name = short_name(session_name(s, of_user, sizeof(of_user)));
        _cleanup_free_ char *estimates = chart_line(track->estimates, track->n, twice, layout->cells);
        _cleanup_free_ char *slacks = chart_line(track->slacks, track->n, twice, layout->cells);
        _cleanup_free_ char *levels = chart_line(track->levels, track->n, LEVEL_FULL, layout->cells);
        bool known = s->estimate_us > 0, seen = !session_is_hidden(s);
        char b[8][32];
        const char *row[N_COLUMNS] = {
                name,
                shown(b[0], NULL, s->pid, seen),
                shown(b[1], show_time_us, s->target_us, seen),
                shown(b[2], show_percentile, s->permille, seen),
                shown(b[3], show_time_us, s->estimate_us, known),
                shown(b[4], show_time_us, s->slack_us, known),
                shown(b[5], NULL, s->level, seen && s->active),
                shown(b[6], NULL, (int64_t) (track->per_second + 0.5), track->per_second >= 0),
                shown(b[7], NULL, (int64_t) (track->late_per_second + 0.5), track->late_per_second >= 0),
                s->cpus[0] ? s->cpus : "-",
                [CHART_ESTIMATE] = estimates,
                [CHART_SLACK] = slacks,
                [CHART_LEVEL] = levels,
        };

        add_row(table, layout, row, session_style(s));
}

static void fill_sessions(struct table *table, const struct layout *layout, const struct top_model *model, const size_t *order,
                          size_t n) {
        const char *row[N_COLUMNS];

        for (size_t i = 0; i < N_COLUMNS; i++)
                row[i] = columns[i].heading;
        add_row(table, layout, row, STYLE_HEAD);
        for (size_t i = 0; i < n; i++)
                add_session(table, layout, &model->sessions.items[order[i]], &model->tracks[order[i]]);
}

/* Returns the width of the widest charts that fit beside the numbers at this squeeze level; 0 if it would be below CHART_MIN. */
static size_t chart_cells(const struct top_model *model, const size_t *order, size_t n, unsigned squeeze, size_t width) {
        const struct layout numbers = { .squeeze = squeeze }, one = { .squeeze = squeeze, .cells = 1 };
        _cleanup_(table_free) struct table table = {};
        size_t used = 0, charts = 0, cells;

        fill_sessions(&table, &numbers, model, order, n);
        for (size_t column = 0; column < table.n_columns; column++) {
                size_t widest = 0;

                for (size_t row = 0; row < table.n_rows; row++)
                        widest = MAX(widest, utf8_width(table.cells[row * table.n_columns + column]));
                used += widest + 2;
        }
        for (size_t i = CHART_ESTIMATE; i < N_COLUMNS; i++)
                charts += is_shown(&one, i);
        cells = width + 2 > used ? (width + 2 - used) / charts : 0; /* including the two blanks before the next column */
        return cells < CHART_MIN + 2 ? 0 : MIN(cells - 2, CHART_MAX);
}

/* Prefers all columns with charts, then fewer columns with charts, then all columns without charts. */
static struct layout find_layout(const struct view *view, const size_t *order, size_t n) {
        for (unsigned squeeze = 0; !view->place->plain && squeeze < SQUEEZES; squeeze++) {
                size_t cells = chart_cells(view->model, order, n, squeeze, view->place->width);

                if (cells > 0)
                        return (struct layout){ squeeze, cells };
        }
        return (struct layout){};
}

static void add_sessions(const struct view *view, size_t room) {
        const struct top_model *model = view->model;
        size_t n = model->sessions.n;
        _cleanup_(table_free) struct table table = {};
        _cleanup_free_ size_t *order = top_model_order(model, view->place->sort);
        _cleanup_free_ char *hidden = session_list_hidden(&model->sessions);
        struct layout layout;

        room = hidden && room > 2 ? room - 1 : room;
        add_line(view, "", STYLE_NONE);
        if (n == 0) {
                add_line(view, "No sessions. Programs that use libgovernord appear here.", STYLE_NONE);
                return;
        }
        if (n > room)
                n = room - 1;
        layout = find_layout(view, order, n);
        fill_sessions(&table, &layout, model, order, n);
        add_table(view, &table);
        if (n < model->sessions.n)
                addf(view, STYLE_DIM, "... and %zu more", model->sessions.n - n);
        if (hidden)
                add_line(view, hidden, STYLE_DIM);
}

/* -- CPUs -- */

static void add_range(struct table *table, const struct rows *cpus, size_t row, size_t end, bool plain) {
        uint32_t floor = 0, ceiling = 0;
        _cleanup_free_ char *bar = NULL;
        char name[64];

        (void) parse_u32(rows_get(cpus, row, "floor"), &floor);
        (void) parse_u32(rows_get(cpus, row, "ceiling"), &ceiling);
        bar = plain ? xstrdup("") : chart_range(floor, ceiling, LEVEL_FULL, RANGE_CELLS);
        (void) snprintf(name, sizeof(name), end - row > 1 ? "%s-%s" : "%s", rows_get(cpus, row, "cpu"),
                        rows_get(cpus, end - 1, "cpu"));
        if (strcmp(rows_get(cpus, row, "online"), "true") == 0)
                table_add(table,
                          (const char *const[]){ name, rows_get(cpus, row, "kind"), rows_get(cpus, row, "floor"),
                                                 rows_get(cpus, row, "ceiling"), bar },
                          STYLE_NONE);
        else
                table_add(table, (const char *const[]){ name, rows_get(cpus, row, "kind"), "", "", "offline" }, STYLE_DIM);
}

static void add_cpus(const struct view *view) {
        const char *const headings[] = { "CPUS", "KIND", "FLOOR", "CEILING", view->place->plain ? "" : "levels 0 to 1024" };
        const struct rows *cpus = &view->model->cpus;
        _cleanup_(table_free) struct table table = { .n_columns = ARRAY_SIZE(headings) };

        if (cpus->n == 0)
                return;
        table_add(&table, headings, STYLE_HEAD);
        for (size_t row = 0, end; row < cpus->n; row = end) {
                end = top_model_run(cpus, row);
                add_range(&table, cpus, row, end, view->place->plain);
        }
        add_line(view, "", STYLE_NONE);
        add_table(view, &table);
}

static size_t count_ranges(const struct rows *cpus) {
        size_t n = 0;

        for (size_t row = 0; row < cpus->n; row = top_model_run(cpus, row))
                n++;
        return n;
}

/* Returns the number of lines for sessions: those that the header and the CPUs do not need, but at least half of the lines below the
 * header. A long list of CPUs is then truncated. */
static size_t session_room(const struct view *view) {
        size_t left = view->place->height > view->lines->n + 4 ? view->place->height - view->lines->n - 4 : 2;
        size_t ranges = view->model->cpus.n > 0 ? count_ranges(&view->model->cpus) + 2 : 0;

        return MAX(MAX(left > ranges ? left - ranges : 0, left / 2), 2);
}

static const char *const sorts[TOP_N_SORTS] = {
        [TOP_SORT_AGE] = "age",     [TOP_SORT_SLACK] = "slack", [TOP_SORT_LATE] = "late samples",
        [TOP_SORT_LEVEL] = "level", [TOP_SORT_RATE] = "rate",
};

void top_view(const struct top_model *model, const struct top_place *place, struct top_lines *ret) {
        const struct view view = { .model = model, .place = place, .lines = ret };

        *ret = (struct top_lines){};
        if (model->problem)
                addf(&view, STYLE_BAD, "%s%s%s", model->problem, model->problem_text ? ": " : "",
                     model->problem_text ? model->problem_text : "");
        else if (!model->running)
                add_line(&view, "Waiting for governord ...", STYLE_DIM);
        if (model->running) {
                add_header(&view);
                add_sessions(&view, session_room(&view));
                add_cpus(&view);
        }
        if (place->plain)
                return;
        while (ret->n > 0 && ret->n + 1 > place->height)
                free(ret->items[--ret->n].text);
        if (ret->n + 1 < place->height)
                add_line(&view, "", STYLE_NONE);
        addf(&view, STYLE_DIM, "q quits, s sorts (now by %s)", sorts[place->sort]);
}

void top_lines_free(struct top_lines *lines) {
        for (size_t i = 0; i < lines->n; i++)
                free(lines->items[i].text);
        free(lines->items);
        *lines = (struct top_lines){};
}
