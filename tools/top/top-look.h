/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_LOOK_H
#define TOOLS_TOP_LOOK_H

#include "tools/top/top.h"

/* Starts a query of the service, unless one is in progress. After the last answer the model is updated and top_show() is called.
 * `counted`: the query is an update, which adds a value to the charts, or prints a block on a pipe. Returns a negative errno on
 * failure. */
int top_look(struct top *top, bool counted);
/* Sets the description of a problem, which is not copied, and the error message of the service or the bus, which may be NULL. Both
 * NULL: no problem. */
void top_set_problem(struct top *top, const char *problem, const char *text);

#endif
