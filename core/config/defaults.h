/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DEFAULTS_H
#define CORE_DEFAULTS_H

#include <stddef.h>

/* The text of core/config/governord.conf, NUL-terminated. The size does not include the NUL. */
extern const char config_defaults[];
extern const size_t config_defaults_size;

#endif
