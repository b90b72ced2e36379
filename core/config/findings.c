/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors are found while files are read, but lines without effect only when the drivers are known. Both kinds of findings are
 * therefore sorted by file and line. */

#include "core/config/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

#define WARNING ": warning: "

void findings_add(struct findings *findings, const char *line) {
        size_t used = findings->text ? strlen(findings->text) : 0, length = strlen(line);
        char *longer = realloc(findings->text, used + length + 2);

        if (!longer) {
                findings->no_memory = true;
                return;
        }
        memcpy(mempcpy(longer + used, line, length), "\n", 2);
        findings->text = longer;
}

void findings_warn(struct findings *findings, const char *origin, const char *reason) {
        _cleanup_free_ char *line = NULL;

        if (++findings->n_warnings > FINDINGS_WARNINGS_MAX)
                return;
        if (asprintf(&line, "%s" WARNING "%s", origin, reason) < 0) {
                line = NULL;
                findings->no_memory = true;
                return;
        }
        findings_add(findings, line);
}

struct place {
        const char *line; /* the finding */
        size_t file;      /* length of the file name at its beginning */
        unsigned long number;
};

static struct place place_of(const char *line) {
        struct place place = { .line = line };
        const char *end = strstr(line, ": "), *start = end ? end : line;

        while (start > line && start[-1] >= '0' && start[-1] <= '9')
                start--;
        if (start > line && start < end && start[-1] == ':') {
                for (const char *digit = start; digit < end; digit++)
                        place.number = place.number * 10 + (unsigned) (*digit - '0'); /* an overflow only affects the order */
                end = start - 1;
        }
        place.file = end ? (size_t) (end - line) : strlen(line);
        return place;
}

/* Findings about the same line keep the order in which they were found. */
static int by_place(const void *a, const void *b) {
        const struct place *x = a, *y = b;
        int r = strncmp(x->line, y->line, MIN(x->file, y->file));

        if (r != 0)
                return r;
        if (x->file != y->file)
                return x->file < y->file ? -1 : 1;
        if (x->number != y->number)
                return x->number < y->number ? -1 : 1;
        return x->line < y->line ? -1 : x->line > y->line;
}

static size_t count_lines(const char *text) {
        size_t n = 0;

        for (; (text = strchr(text, '\n')); text++)
                n++;
        return n;
}

static void sort(struct findings *findings) {
        _cleanup_free_ struct place *lines = calloc(count_lines(findings->text) + 1, sizeof(*lines));
        char *sorted = malloc(strlen(findings->text) + 2), *rest = findings->text, *end = sorted, *line;
        size_t n = 0;

        if (!lines || !sorted) {
                free(sorted);
                findings->no_memory = true;
                return;
        }
        while ((line = strsep(&rest, "\n")))
                if (line[0])
                        lines[n++] = place_of(line);
        qsort(lines, n, sizeof(*lines), by_place);
        for (size_t i = 0; i < n; i++)
                end = stpcpy(stpcpy(end, lines[i].line), "\n");
        *end = '\0';
        free(findings->text);
        findings->text = sorted;
}

void findings_finish(struct findings *findings) {
        char more[80];

        if (findings->text)
                sort(findings);
        if (findings->n_warnings <= FINDINGS_WARNINGS_MAX)
                return;
        (void) snprintf(more, sizeof(more), "the configuration: warning: %u more line%s no effect",
                        findings->n_warnings - FINDINGS_WARNINGS_MAX,
                        findings->n_warnings - FINDINGS_WARNINGS_MAX == 1 ? " has" : "s have");
        findings_add(findings, more);
}

bool finding_is_warning(const char *line) {
        const struct place place = place_of(line);
        const char *reason = strchr(line + place.file, ' '); /* after "FILE:LINE:" */

        return reason && strncmp(reason - 1, WARNING, strlen(WARNING)) == 0;
}

void findings_log(char *text) {
        unsigned n_warnings = 0;

        for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
                if (!finding_is_warning(line) && *line)
                        (void) log_error(0, "Configuration: %s", line);
                else if (*line && n_warnings++ < FINDINGS_LOGGED_MAX)
                        (void) log_warning(0, "Configuration: %s", line);
        if (n_warnings > FINDINGS_LOGGED_MAX)
                (void) log_warning(0,
                                   "Configuration: %u more warning%s not logged; to list them: governorctl config check --root /",
                                   n_warnings - FINDINGS_LOGGED_MAX, n_warnings - FINDINGS_LOGGED_MAX == 1 ? " is" : "s are");
}
