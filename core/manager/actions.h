/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACTIONS_H
#define CORE_ACTIONS_H

#include "core/machine/knob.h"
#include "core/manager/state.h"

/* What power-profiles-daemon calls actions: knobs that belong to no profile and that a user may switch off. */

#define ACTIONS_MAX 8

struct action {
        const char *name; /* PPD's spelling: "trickle_charge" */
        const char *description;
        bool enabled; /* wanted, and available on this machine */
        bool wanted;
};

struct actions {
        struct action items[ACTIONS_MAX];
        uint32_t n;
};

/* Initialises the known actions, without those that `blocked` or `also_blocked` (lists of words) name. `wanted` is the saved
 * choice, or, if there is none, the default of PPD. */
void actions_init(struct actions *actions, const struct knobs *knobs, const struct state *state, const char *blocked,
                  const char *also_blocked);
/* Switches an action on or off, and stores the choice in `state` if there is room. Returns 0, or -ENOENT for an unknown action. An
 * action that this machine does not have stays disabled, as in PPD. */
int actions_set(struct actions *actions, const struct knobs *knobs, struct state *state, const char *name, bool enabled);
/* Returns true if the knob belongs to an action that is enabled; false, too, for a knob that belongs to no action. */
bool actions_allow(const struct actions *actions, const char *knob);

#endif
