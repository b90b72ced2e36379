/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_LOOK_H
#define TOOLS_TOP_LOOK_H

#include "tools/top/top.h"

/* Asks the service for everything; when all has been answered, the model is new and top_show() is called. A look that is asked for while
 * another is under way joins it. `counted`: it is one of the interval, with a point in the charts and a block on a pipe. */
int top_look(struct top *top, bool counted);
/* Why the service is not as it should be (constant), and its own words or NULL. NULL, NULL: all is well. */
void top_set_problem(struct top *top, const char *problem, const char *text);

#endif
