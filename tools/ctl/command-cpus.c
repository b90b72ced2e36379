/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl cpus: the CPUs, their ranges of levels, frequencies and idle time. The share of idle time is computed from two calls. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/ctl/command.h"

/* The kernel's counters have a resolution of 1/100 s, which is 2 % of this time. */
#define MEASURE_NSEC (500 * INT64_C(1000000))

static enum style cpu_style(const struct rows *rows, size_t row) {
        return strcmp(rows_get(rows, row, "online"), "true") == 0 ? STYLE_NONE : STYLE_DIM;
}

static uint64_t number(const struct rows *rows, size_t row, const char *key) {
        int64_t value = 0;

        (void) parse_i64(rows_get(rows, row, key), &value);
        return (uint64_t) value;
}

static bool has_counters(const struct rows *rows) {
        for (size_t i = 0; i < rows->n; i++)
                if (number(rows, i, "total_usec") > 0)
                        return true;
        return false;
}

/* Sets the percentage of idle time of a CPU between two calls, as text; "" if it cannot be computed. */
static void set_share(struct rows *now, const struct rows *before, size_t row) {
        uint64_t idle = number(now, row, "idle_usec") - number(before, row, "idle_usec");
        uint64_t total = number(now, row, "total_usec") - number(before, row, "total_usec");
        char text[8] = "";

        if (strcmp(rows_get(now, row, "cpu"), rows_get(before, row, "cpu")) == 0 && number(before, row, "total_usec") > 0 &&
            total > 0 && idle <= total)
                (void) snprintf(text, sizeof(text), "%" PRIu64, (idle * 100 + total / 2) / total);
        rows_set(now, row, "idle_percent", text);
}

/* Replaces unknown numbers by "". */
static void mark_unknown(struct rows *rows) {
        static const struct {
                const char *key, *unknown;
        } marks[] = { { "policy", UNKNOWN_NUMBER }, { "package", UNKNOWN_NUMBER }, { "capacity", "0" }, { "min_khz", "0" },
                      { "efficient_khz", "0" },     { "base_khz", "0" },           { "max_khz", "0" },  { "now_khz", "0" } };

        for (size_t i = 0; i < rows->n; i++)
                for (size_t k = 0; k < ARRAY_SIZE(marks); k++)
                        if (strcmp(rows_get(rows, i, marks[k].key), marks[k].unknown) == 0)
                                rows_set(rows, i, marks[k].key, "");
}

static int look_twice(struct cli *cli, struct rows *ret) {
        static const struct timespec wait = { .tv_nsec = MEASURE_NSEC };
        _cleanup_(rows_free) struct rows before = {};
        int r = cli_rows(cli, "ListCpus", NULL, &cpu_columns, &before);

        if (r != CLI_OK || !has_counters(&before)) {
                *ret = before;
                before = (struct rows){};
                return r;
        }
        (void) nanosleep(&wait, NULL);
        r = cli_rows(cli, "ListCpus", NULL, &cpu_columns, ret);
        for (size_t i = 0; r == CLI_OK && i < ret->n && i < before.n; i++)
                set_share(ret, &before, i);
        return r;
}

int command_cpus(struct cli *cli) {
        _cleanup_(rows_free) struct rows rows = {};
        int r = look_twice(cli, &rows);

        if (r != CLI_OK)
                return r;
        mark_unknown(&rows);
        return cli_print(cli, &rows, "governord has found no CPUs.", cpu_style);
}
