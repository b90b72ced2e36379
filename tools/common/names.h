/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "tools/common/bus.h"

/* Lists of names, for completions, for "did you mean", and to distinguish a domain from a setting. */

enum names {
        NAMES_PROFILES,
        NAMES_DOMAINS, /* node, and the domains of all CPUs and settings */
        NAMES_KNOBS,
        NAMES_PLACES, /* domains and settings */
        NAMES_REQUESTS,
        NAMES_GOVERNORS,
        NAMES_COMMANDS,
        N_NAMES
};

/* Finds a list by its name: "profiles", "domains" ... Returns N_NAMES for an unknown name. */
enum names names_find(const char *word);
/* Stores the names of a list in *ret (malloc'ed, even on failure), one per line, without duplicates and without names that contain
 * blanks. Prints nothing. Returns an exit status; on failure *failure is filled (`failure` may be NULL). */
int names_get(struct cli *cli, struct failure *failure, enum names kind, char **ret);
/* The same, but returns an empty list (malloc'ed) on failure. */
char *names_quietly(struct cli *cli, enum names kind);

#endif
