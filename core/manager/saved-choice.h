/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SAVED_CHOICE_H
#define CORE_SAVED_CHOICE_H

#include "core/decide/carriers.h"
#include "core/decide/choice.h"
#include "core/manager/state.h"

/* Transfers the choice of a profile between the manager and the saved state. As in power-profiles-daemon, a saved choice applies
 * only while the machine has the drivers with which it was made; otherwise it is kept without effect. `balanced` are the carriers
 * of the profile balanced. */

/* Selects the saved profile if it applies and the machine offers it; otherwise balanced, if no profile is selected yet. Returns
 * true if the selected profile has changed. To be called after each probe: late drivers can make the saved choice effective. */
bool saved_choice_restore(const struct state *state, const struct config *config, const struct carriers *balanced,
                          const bool available[static PROFILE_BASE_COUNT], struct choice *choice);
/* Stores the choice in `state`, to be saved by the caller. */
void saved_choice_note(struct state *state, const struct profile *selected, const struct carriers *balanced);
/* If the saved profile is not the selected one, logs why, and which profile is used instead. */
void saved_choice_report(const struct state *state, const struct config *config, const struct profile *selected,
                         const bool available[static PROFILE_BASE_COUNT]);

#endif
