/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpf/policies/step.h"
#include "bpf/governor.h"

#define decide step_decide

GOVERNOR("step", "one step up for late work, one down after 64 pieces on time; an example", "any", 20);
