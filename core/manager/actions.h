/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACTIONS_H
#define CORE_ACTIONS_H

#include "core/machine/knob.h"
#include "core/manager/state.h"

/* The actions of power-profiles-daemon (PPD), which users can enable and disable. The profiles set the knob of an action only while
 * the action is enabled. */

#define ACTIONS_MAX 8

struct action {
        const char *name; /* name in PPD: "trickle_charge" */
        const char *description;
        bool enabled; /* wanted, and available on this machine */
        bool wanted;
};

struct actions {
        struct action items[ACTIONS_MAX];
        uint32_t n;
};

/* Sets `actions` to all known actions except those in the word lists `blocked` and `also_blocked`. `wanted` is the saved choice, or
 * PPD's default if no choice was saved. */
void actions_init(struct actions *actions, const struct knobs *knobs, const struct state *state, const char *blocked,
                  const char *also_blocked);
/* Enables or disables an action, and stores the choice in `state` if there is room. Returns 0, or -ENOENT for an unknown or blocked
 * action. As in PPD, an action that this machine does not have stays disabled. */
int actions_set(struct actions *actions, const struct knobs *knobs, struct state *state, const char *name, bool enabled);
/* Returns true if the knob belongs to an enabled action, and false if it belongs to a disabled or blocked action, or to none. */
bool actions_allow(const struct actions *actions, const char *knob);

#endif
