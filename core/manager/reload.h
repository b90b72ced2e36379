/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RELOAD_H
#define CORE_RELOAD_H

#include "core/manager/manager.h"

/* Loads the configuration at the start, and replaces it later. Reports a configuration that cannot be used. */

/* To be called at the start. If the configuration cannot be used, the built-in defaults are in force. Returns 0 or -ENOMEM. */
int reload_first(struct manager *manager);

#endif
