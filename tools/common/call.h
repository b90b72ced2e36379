/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CALL_H
#define TOOLS_CALL_H

#include "tools/common/bus.h"

struct manager;

/* Calls to the service. Each returns an exit status; failures have been reported on standard error. */

int cli_connect(struct cli *cli);
/* Calls a method of the service. `ret` may be NULL. */
int cli_call(struct cli *cli, const char *path, const char *interface, const char *member, sd_bus_message **ret, const char *types,
             ...);
#define cli_manager(cli, member, ret, ...) cli_call((cli), MANAGER_PATH, MANAGER_INTERFACE, (member), (ret), __VA_ARGS__)
/* Calls a method of the manager that returns one array of rows; `argument` may be NULL. */
int cli_rows(struct cli *cli, const char *member, const char *argument, const struct columns *columns, struct rows *ret);
/* Reads the properties of the manager; on failure *ret is empty or unchanged. */
int cli_get_manager(struct cli *cli, struct manager *ret);

#endif
