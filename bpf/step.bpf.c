/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpf/policies/step.h"
#include "bpf/governor.h"

#define decide step_decide

GOVERNOR("step", "one step up when late, one down when early: for learning", "any", 20);
