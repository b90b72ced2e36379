/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_SECTIONS_H
#define CORE_CONFIG_SECTIONS_H

#include "core/config/config-draft.h"
#include "core/config/config-text.h"

/* Interprets sections and keys. The userdata of the sink is a struct config_draft whose place.file is set. */
extern const struct config_text_sink config_sections_sink;

/* Store an entry of [governord] or [rule]. Return NULL, or a text that describes the fault; this may be `reason`, which has
 * REASON_MAX bytes. */
#define REASON_MAX 256
const char *config_main_entry(struct config_draft *draft, const char *key, const char *value, char *reason);
const char *config_rule_entry(struct config_draft *draft, const char *key, const char *value, char *reason);

#endif
