/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_TEXT_LOAD_H
#define CORE_CONFIG_TEXT_LOAD_H

#include "core/config/config.h"

/* Like config_load(), but reads only this text and the built-in defaults. `ret` may be NULL. For tests and the fuzzer. */
int config_load_text(const char *name, const char *text, size_t size, struct config **ret, char **ret_errors);

#endif
