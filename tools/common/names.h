/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "tools/common/bus.h"

/* Lists of what users can name: for completions, for "did you mean", and to distinguish a domain from a setting. */

enum names {
        NAMES_PROFILES,
        NAMES_DOMAINS, /* the node, and the domains of the CPUs and of the settings */
        NAMES_KNOBS,
        NAMES_PLACES, /* domains and settings */
        NAMES_REQUESTS,
        NAMES_GOVERNORS,
        NAMES_COMMANDS,
        N_NAMES
};

/* Finds a list by its name: "profiles", "domains" ... Returns N_NAMES if there is none of this name. */
enum names names_find(const char *word);
/* Stores all names in *ret (malloc'ed), one per line, without duplicates. Returns an exit status; on failure *failure is filled (it
 * may be NULL). Prints nothing. */
int names_get(struct cli *cli, struct failure *failure, enum names kind, char **ret);
/* The same without error handling: only the names that the service returned. */
char *names_quietly(struct cli *cli, enum names kind);

#endif
