/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RELOAD_H
#define CORE_RELOAD_H

#include "core/manager/manager.h"

/* How a configuration comes into force, at the start and in place of another one, and what is reported of one that does not. */

/* At the start. Without a configuration that can be used the built-in defaults are in force. 0 or -ENOMEM. */
int reload_first(struct manager *manager);

#endif
