/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_COMMAND_TOP_H
#define TOOLS_COMMAND_TOP_H

#include "tools/common/cli.h"

/* Runs governorctl top. Returns an exit status. */
int command_top(struct cli *cli);

#endif
