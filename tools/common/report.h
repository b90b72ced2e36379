/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <systemd/sd-bus.h>

#include "tools/common/cli.h"

/* Reports a failure on standard error, with the service's message and advice. `what` is the name of the method that failed, or what
 * the program tried to do, for a sentence "cannot ...". If `error` is NULL or not set, `r`, a negative errno, is reported. Returns
 * an exit status. */
int cli_report(struct cli *cli, const char *what, const sd_bus_error *error, int r);

#endif
