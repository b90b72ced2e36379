/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_PLAIN_H
#define TOOLS_TOP_PLAIN_H

#include "tools/top/top-model.h"

/* Prints the result of one query on standard output: as one line of JSON, or as a block, which ends with an empty line. On a terminal
 * the block has tables, otherwise records for programs. */
void top_print(const struct cli *cli, const struct top_model *model);

#endif
