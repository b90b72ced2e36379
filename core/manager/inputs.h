/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_INPUTS_H
#define CORE_INPUTS_H

#include "core/decide/plan.h"
#include "core/decide/rules.h"
#include "core/manager/ineffective.h"
#include "core/manager/manager.h"

/* What the pure functions of core/decide are given, out of what the manager knows. */

bool inputs_on_battery(const struct manager *manager);
struct profile_context inputs_context(const struct manager *manager);
struct surroundings inputs_surroundings(const struct manager *manager);
/* With `refresh`: to be cleared by who only asks. */
void inputs_plan(const struct manager *manager, const struct profile *profile, struct plan_input *ret);
/* The file of choices. 0, or -ENAMETOOLONG or what text_format() returns. */
int inputs_state_path(const struct manager *manager, char *ret, size_t size);
/* Of a configuration that may be another one than the manager's. */
void inputs_judging(const struct manager *manager, const struct config *config, struct judging *ret);

#endif
