/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_COMMAND_HELP_H
#define TOOLS_COMMAND_HELP_H

#include "tools/common/cli.h"

/* Prints help on stdout: for one command, or (NULL) the whole list. */
void help_print(const struct cli *cli, const struct command *command);

#endif
