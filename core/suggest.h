/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include "base/suggest.h" /* where the tools use it, too */

#endif
