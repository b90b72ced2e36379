/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_LOOK_H
#define TOOLS_TOP_LOOK_H

#include "tools/top/top.h"

/* Starts a query of the service, unless one is in progress. The answers change the model; after the last one, top_show() is called.
 * `counted`: the query (or the one in progress) is an update, which adds values to the charts and, without full-screen mode, prints
 * a block. Returns a negative errno on failure. */
int top_look(struct top *top, bool counted);
/* Sets the description of a problem, which is not copied, and the error message of the service or the bus, which may be NULL. Both
 * NULL: no problem. */
void top_set_problem(struct top *top, const char *problem, const char *text);

#endif
