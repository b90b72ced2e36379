/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_LOOK_H
#define TOOLS_TOP_LOOK_H

#include "tools/top/top.h"

/* Queries the service; after all answers, the model is updated and top_show() is called. A request during a query joins that query.
 * `counted`: the query belongs to the interval, with a point in the charts and a block on a pipe. */
int top_look(struct top *top, bool counted);
/* Sets the description of a problem with the service (a constant text), and the service's message or NULL. NULL, NULL: no
 * problem. */
void top_set_problem(struct top *top, const char *problem, const char *text);

#endif
