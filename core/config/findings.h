/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include <stdbool.h>

/* Faults of a configuration, as text with one finding in each line: "FILE:LINE: reason" for an error ("FILE: reason" for a file as
 * a whole), "FILE:LINE: warning: reason" for a line without effect. */

/* Maximum number of warnings in one text; further ones are only counted. */
#define FINDINGS_WARNINGS_MAX 200

struct findings {
        char *text; /* malloc'ed, NULL: none */
        unsigned n_warnings;
        bool no_memory;
};

/* Adds a finding; `line` has no line feed. */
void findings_add(struct findings *findings, const char *line);
void findings_warn(struct findings *findings, const char *origin, const char *reason);
/* Sorts the findings by file name and line number, and adds the number of warnings that were not kept. */
void findings_finish(struct findings *findings);
bool finding_is_warning(const char *line);
/* Logs one line for each finding, but at most FINDINGS_LOGGED_MAX warnings. Modifies `text`. */
#define FINDINGS_LOGGED_MAX 20
void findings_log(char *text);

#endif
