/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SAVED_CHOICE_H
#define CORE_SAVED_CHOICE_H

#include "core/decide/carriers.h"
#include "core/decide/choice.h"
#include "core/manager/state.h"

/* Between the choice of a profile in force and the one in the state file. As in power-profiles-daemon, a saved choice was made for a machine with
 * certain drivers, and waits while it has others. `balanced` are the carriers of that profile. */

/* Selects the saved profile if the machine offers it, and balanced if nothing is selected yet. True when another profile than before is. Again
 * after each probe: a driver that comes late brings the saved choice back. */
bool saved_choice_restore(const struct state *state, const struct config *config, const struct carriers *balanced,
                          const bool available[static PROFILE_BASE_COUNT], struct choice *choice);
/* Into `state`, to be saved. */
void saved_choice_note(struct state *state, const struct profile *selected, const struct carriers *balanced);
/* To the log: the saved choice is not in force, and what is. */
void saved_choice_report(const struct state *state, const struct config *config, const struct profile *selected,
                         const bool available[static PROFILE_BASE_COUNT]);

#endif
