/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "tools/common/bus.h"

/* What users can name: for completions, for "did you mean", and to tell a domain from a setting. */

enum names {
        NAMES_PROFILES,
        NAMES_DOMAINS, /* node, and those of the CPUs and of the settings */
        NAMES_KNOBS,
        NAMES_PLACES, /* both */
        NAMES_REQUESTS,
        NAMES_GOVERNORS,
        NAMES_COMMANDS,
        N_NAMES
};

/* "profiles", "domains" ...; N_NAMES when it is none of them. */
enum names names_find(const char *word);
/* All of them, one a line, none twice, in *ret (malloc'ed). An exit status; on failure *failure (NULL: it is not needed) is filled. Prints
 * nothing. */
int names_get(struct cli *cli, struct failure *failure, enum names kind, char **ret);
/* Those that the service tells. */
char *names_quietly(struct cli *cli, enum names kind);

#endif
