/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_GOVERNOR_BUILD_H
#define TOOLS_GOVERNOR_BUILD_H

#include "tools/common/cli.h"

/* governorctl governor build FILE: an exit status. Needs no service. */
int governor_build(struct cli *cli, const char *source);

#endif
