/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SAVED_CHOICE_H
#define CORE_SAVED_CHOICE_H

#include "core/decide/carriers.h"
#include "core/decide/choice.h"
#include "core/manager/state.h"

/* Transfers the choice of a profile between the manager and the state file. As in power-profiles-daemon, a saved choice was made
 * for a machine with certain drivers; while the machine has others, it is kept without effect. `balanced` are the carriers of that
 * profile. */

/* Selects the saved profile if the machine offers it, and balanced if nothing is selected yet. Returns true when the selected
 * profile has changed. To be called again after each probe: a driver that appears late makes the saved choice effective. */
bool saved_choice_restore(const struct state *state, const struct config *config, const struct carriers *balanced,
                          const bool available[static PROFILE_BASE_COUNT], struct choice *choice);
/* Stores the choice in `state`, to be saved by the caller. */
void saved_choice_note(struct state *state, const struct profile *selected, const struct carriers *balanced);
/* Logs that the saved choice is not in force, and which profile is selected instead. */
void saved_choice_report(const struct state *state, const struct config *config, const struct profile *selected,
                         const bool available[static PROFILE_BASE_COUNT]);

#endif
