/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpf/policies/slack.h"
#include "bpf/governor.h"

#define decide slack_decide

GOVERNOR("slack", "keeps the percentile at its target with the lowest possible level", "any", 100);
