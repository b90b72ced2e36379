/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_PLAIN_H
#define TOOLS_TOP_PLAIN_H

#include "tools/top/top-model.h"

/* Prints the result of one query to stdout: as one line of JSON, as lines for programs, or (on a terminal) as tables. Blocks end
 * with an empty line. */
void top_print(const struct cli *cli, const struct top_model *model);

#endif
