/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACTIONS_H
#define CORE_ACTIONS_H

#include "core/machine/knob.h"
#include "core/manager/state.h"

/* What power-profiles-daemon calls actions: knobs that are no part of a profile and that a user may switch off. */

#define ACTIONS_MAX 8

struct action {
        const char *name; /* PPD's spelling: "trickle_charge" */
        const char *description;
        bool enabled; /* wanted, and the machine has it */
        bool wanted;
};

struct actions {
        struct action items[ACTIONS_MAX];
        uint32_t n;
};

/* Those that are known, without the ones that stand in `blocked` or `also_blocked` (words); wanted as saved, else as PPD has it before anybody
 * chose. */
void actions_init(struct actions *actions, const struct knobs *knobs, const struct state *state, const char *blocked,
                  const char *also_blocked);
/* -ENOENT unknown. Also remembered in `state`, where there is room. One that this machine lacks stays disabled, as PPD does. */
int actions_set(struct actions *actions, const struct knobs *knobs, struct state *state, const char *name, bool enabled);
/* False for a knob that belongs to no action. */
bool actions_allow(const struct actions *actions, const char *knob);

#endif
