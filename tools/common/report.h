/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <systemd/sd-bus.h>

#include "tools/common/cli.h"

/* Prints what failed, the service's message and advice. `error` may be NULL. Returns an exit status. */
int cli_report(struct cli *cli, const char *what, const sd_bus_error *error, int r);

#endif
