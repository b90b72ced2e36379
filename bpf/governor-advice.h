/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNOR_ADVICE_H
#define BPF_GOVERNOR_ADVICE_H

#include <stdbool.h>

#include "base/suggest.h"
#include "core/sessions/engine.h"

/* Whether a governor that the configuration names can be had, and the nearest name if not. */

struct governor_wish {
        const char *name;
        struct suggestion nearest; /* keeps the names that were seen by address */
        bool known, fits;
        char reason[160]; /* why not, of one that does not fit */
};

struct governor_wish governor_wish(const char *name);
/* One that there is; `wish` is a struct governor_wish. Always 0, for struct engine's governors(). */
int governor_wish_see(const struct governor_view *governor, void *wish);
/* Those that user space has. */
void governor_wish_see_policies(struct governor_wish *wish);
/* True when it was none of those that were seen; `ret` has ADVICE_MAX bytes (core/machine/advice.h). */
bool governor_wish_fails(const struct governor_wish *wish, char *ret);

#endif
