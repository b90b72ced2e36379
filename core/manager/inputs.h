/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_INPUTS_H
#define CORE_INPUTS_H

#include "core/decide/plan.h"
#include "core/decide/rules.h"
#include "core/manager/ineffective.h"
#include "core/manager/manager.h"

/* Builds the arguments for the pure functions of core/decide from the data of the manager. */

bool inputs_on_battery(const struct manager *manager);
struct profile_context inputs_context(const struct manager *manager);
struct surroundings inputs_surroundings(const struct manager *manager);
/* Sets `refresh`; a caller for which plan_each() must not read hardware clears it. */
void inputs_plan(const struct manager *manager, const struct profile *profile, struct plan_input *ret);
/* Formats the path of the state file. Returns 0 or an error of text_format(). */
int inputs_state_path(const struct manager *manager, char *ret, size_t size);
/* `config` need not be the configuration of the manager. */
void inputs_judging(const struct manager *manager, const struct config *config, struct judging *ret);

#endif
