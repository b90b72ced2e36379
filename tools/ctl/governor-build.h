/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_GOVERNOR_BUILD_H
#define TOOLS_GOVERNOR_BUILD_H

#include "tools/common/cli.h"

/* Runs governorctl governor build FILE. Returns an exit status. The service need not be running. */
int governor_build(struct cli *cli, const char *source);

#endif
