/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl top without full-screen mode: one block of lines for each update, for pipes, logs and screen readers. There are no
 * charts, since the earlier blocks show the history. */

#include "tools/top/top-plain.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "tools/common/table.h"
#include "tools/common/xalloc.h"
#include "tools/top/top-view.h"

static const struct {
        const char *key;
        size_t offset;
} texts[] = {
        { "profile", offsetof(struct manager, active) },          { "cause", offsetof(struct manager, cause) },
        { "governor", offsetof(struct manager, governor) },       { "rung", offsetof(struct manager, rung) },
        { "rung_reason", offsetof(struct manager, rung_reason) },
};

static const char *text_of(const struct manager *m, size_t i) {
        return *(char *const *) (const void *) ((const char *) m + texts[i].offset);
}

/* Writes the numbers of a run of CPUs, such as "0-7". */
static void range_numbers(const struct rows *cpus, size_t row, size_t end, char name[64]) {
        (void) snprintf(name, 64, end - row > 1 ? "%s-%s" : "%s", rows_get(cpus, row, "cpu"), rows_get(cpus, end - 1, "cpu"));
}

/* Returns the problem as one sentence (malloc'ed), or "". */
static char *problem_of(const struct top_model *model) {
        if (!model->problem)
                return xstrdup("");
        return xasprintf("%s%s%s", model->problem, model->problem_text ? ": " : "", model->problem_text ? model->problem_text : "");
}

static void print_json(const struct top_model *model, const struct rows *sessions) {
        _cleanup_free_ char *problem = problem_of(model);
        struct json j = { .f = stdout, .compact = true };
        const struct rows *cpus = &model->cpus;
        char name[64];

        json_open(&j, NULL, '{');
        json_bool(&j, "running", model->running);
        json_string(&j, "problem", problem);
        for (size_t i = 0; model->running && i < ARRAY_SIZE(texts); i++)
                json_string(&j, texts[i].key, text_of(&model->manager, i));
        rows_json(sessions, &j, "sessions");
        json_open(&j, "ranges", '[');
        for (size_t row = 0, end; row < cpus->n; row = end) {
                end = top_model_run(cpus, row);
                range_numbers(cpus, row, end, name);
                json_open(&j, NULL, '{');
                json_string(&j, "cpus", name);
                json_string(&j, "kind", rows_get(cpus, row, "kind"));
                json_raw(&j, "online", rows_get(cpus, row, "online"));
                json_raw(&j, "floor", rows_get(cpus, row, "floor"));
                json_raw(&j, "ceiling", rows_get(cpus, row, "ceiling"));
                json_close(&j, '}');
        }
        json_close(&j, ']');
        json_close(&j, '}');
}

static void print_ranges(const struct rows *cpus) {
        static const char *const keys[] = { "kind", "online", "floor", "ceiling" };
        char name[64];

        for (size_t row = 0, end; row < cpus->n; row = end) {
                end = top_model_run(cpus, row);
                range_numbers(cpus, row, end, name);
                (void) fputs("range", stdout);
                plain_pair(stdout, false, "cpus", name);
                for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
                        plain_pair(stdout, false, keys[k], rows_get(cpus, row, keys[k]));
                (void) fputc('\n', stdout);
        }
}

static void print_records(const struct top_model *model, const struct rows *sessions) {
        _cleanup_free_ char *problem = problem_of(model);
        (void) fputs("look", stdout);
        plain_pair(stdout, false, "running", model->running ? "true" : "false");
        plain_pair(stdout, false, "problem", problem);
        for (size_t i = 0; model->running && i < ARRAY_SIZE(texts); i++)
                plain_pair(stdout, false, texts[i].key, text_of(&model->manager, i));
        (void) fputc('\n', stdout);
        rows_plain(sessions, stdout, "session");
        print_ranges(&model->cpus);
        (void) fputc('\n', stdout);
}

/* Prints what the terminal would show if it had an unlimited size, without charts and the list of keys. */
static void print_people(const struct cli *cli, const struct top_model *model) {
        struct top_lines lines;

        top_view(model,
                 &(const struct top_place){
                         .width = SIZE_MAX, .height = SIZE_MAX, .plain = true, .verbose = option_value(&cli->options, 'v') },
                 &lines);
        for (size_t i = 0; i < lines.n; i++)
                (void) printf("%s\n", lines.items[i].text);
        (void) printf("\n");
        top_lines_free(&lines);
}

void top_print(const struct cli *cli, const struct top_model *model) {
        _cleanup_(rows_free) struct rows sessions = {};

        top_model_rows(model, &sessions);
        if (cli->json)
                print_json(model, &sessions);
        else if (cli->tty)
                print_people(cli, model);
        else
                print_records(model, &sessions);
        (void) fflush(stdout);
}
