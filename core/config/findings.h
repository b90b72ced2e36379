/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include <stdbool.h>

/* What is wrong with a configuration, as text with one finding a line: "FILE:LINE: reason" for an error, "FILE:LINE: warning: reason" for a
 * line without effect. */

/* Warnings that one text holds; more are counted. */
#define FINDINGS_WARNINGS_MAX 200

struct findings {
        char *text; /* malloc'ed, NULL: none */
        unsigned n_warnings;
        bool no_memory;
};

/* `line` without its line feed. */
void findings_add(struct findings *findings, const char *line);
void findings_warn(struct findings *findings, const char *origin, const char *reason);
/* Counts the warnings that were not kept, and sorts by the names of the files and the numbers of the lines. */
void findings_finish(struct findings *findings);
bool finding_is_warning(const char *line);
/* One log line for each, of warnings FINDINGS_LOGGED_MAX at most; takes the text apart. */
#define FINDINGS_LOGGED_MAX 20
void findings_log(char *text);

#endif
