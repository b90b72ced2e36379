/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNOR_ADVICE_H
#define BPF_GOVERNOR_ADVICE_H

#include <stdbool.h>

#include "base/suggest.h"
#include "core/sessions/engine.h"

/* Checks whether a governor that the configuration names exists and fits, and suggests the nearest name if not. */

struct governor_wish {
        const char *name;
        struct suggestion nearest; /* stores pointers to the names, not copies */
        bool known, fits;
        char reason[160]; /* why the governor of this name does not fit */
};

struct governor_wish governor_wish(const char *name);
/* Adds an existing governor; `wish` is a struct governor_wish. Always returns 0; a callback for struct engine's governors(). */
int governor_wish_see(const struct governor_view *governor, void *wish);
/* Adds the policies that run in the daemon. */
void governor_wish_see_policies(struct governor_wish *wish);
/* Returns true if no added governor has this name and fits; `ret`, of ADVICE_MAX bytes (core/machine/advice.h), gets the reason. */
bool governor_wish_fails(const struct governor_wish *wish, char *ret);

#endif
