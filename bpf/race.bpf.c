/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpf/policies/race.h"
#include "bpf/governor.h"

#define decide race_decide

GOVERNOR("race", "the ceiling while samples arrive", "any", 30);
