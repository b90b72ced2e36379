/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpf/governor.h"
#include "bpf/policies/race.h"

#define decide race_decide

GOVERNOR("race", "full speed while samples come", "any", 30);
