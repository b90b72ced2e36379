/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_SHOW_H
#define TOOLS_TOP_SHOW_H

#include "tools/top/top.h"

/* Draws the model on the whole terminal. */
void top_draw(struct top *top);
/* Shows the model after a query: in full-screen mode always, otherwise only after an update. Ends the event loop after the last
 * update (--count). */
void top_show(struct top *top);

#endif
