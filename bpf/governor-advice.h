/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNOR_ADVICE_H
#define BPF_GOVERNOR_ADVICE_H

#include <stdbool.h>

#include "base/suggest.h"
#include "core/sessions/engine.h"

/* Checks whether the governor that the configuration names can be used, and suggests a similar name if there is none. */

struct governor_lookup {
        const char *name;
        struct suggestion nearest; /* points to the added names, which must stay valid */
        bool known, fits;          /* a governor of this name was added; one of them fits */
        char reason[160];          /* why a governor of this name does not fit, or "" */
};

/* Begins a lookup of `name`, which must stay valid. */
struct governor_lookup governor_lookup(const char *name);
/* Adds an existing governor to a struct governor_lookup. Returns 0. Can be passed to struct engine's governors(). */
int governor_lookup_add(const struct governor_view *governor, void *lookup);
/* Adds the built-in policies. */
void governor_lookup_add_policies(struct governor_lookup *lookup);
/* Returns true, with the reason in `ret` (ADVICE_MAX bytes), if no added governor has this name and fits. */
bool governor_lookup_fails(const struct governor_lookup *lookup, char *ret);

#endif
