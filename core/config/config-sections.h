/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_SECTIONS_H
#define CORE_CONFIG_SECTIONS_H

#include "core/config/config-draft.h"
#include "core/config/config-text.h"

/* What sections and keys mean. The userdata of the sink is a struct config_draft whose place.file is set. */
extern const struct config_text_sink config_sections_sink;

/* The entries of two kinds of section; NULL when taken, else what is wrong. `reason` has REASON_MAX bytes and may be returned. */
#define REASON_MAX 256
const char *config_main_entry(struct config_draft *draft, const char *key, const char *value, char *reason);
const char *config_rule_entry(struct config_draft *draft, const char *key, const char *value, char *reason);

#endif
