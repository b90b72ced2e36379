/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <systemd/sd-bus.h>

#include "tools/common/cli.h"

/* Says what failed, what the service said and what to do. `error` may be NULL. An exit status. */
int cli_report(struct cli *cli, const char *what, const sd_bus_error *error, int r);

#endif
