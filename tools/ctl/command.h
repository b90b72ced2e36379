/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include "tools/common/cli.h"

/* The commands of governorctl. commands.c has their table; command_top() is in tools/top/. */
int command_status(struct cli *cli);
int command_list(struct cli *cli);
int command_get(struct cli *cli);
int command_set(struct cli *cli);
int command_level(struct cli *cli);
int command_hold(struct cli *cli);
int command_release(struct cli *cli);
int command_holds(struct cli *cli);
int command_launch(struct cli *cli);
int command_explain(struct cli *cli);
int command_why(struct cli *cli);
int command_monitor(struct cli *cli);
int command_drivers(struct cli *cli);
int command_stats(struct cli *cli);
int command_knobs(struct cli *cli);
int command_cpus(struct cli *cli);
int command_power(struct cli *cli);
int command_sessions(struct cli *cli);
int command_run(struct cli *cli);
int command_governor(struct cli *cli);
int command_check(struct cli *cli);
int command_report(struct cli *cli);
int command_reload(struct cli *cli);
int command_config(struct cli *cli);
int command_dump(struct cli *cli);
int command_version(struct cli *cli);
int command_complete(struct cli *cli);
int command_help(struct cli *cli);

#endif
