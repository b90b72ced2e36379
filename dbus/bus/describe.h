/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_DESCRIBE_H
#define DBUS_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "core/decide/request.h"

/* Words of the D-Bus interfaces for the manager's numbers. */

/* Longest list of degradations, with its NUL. */
#define DEGRADED_TEXT_MAX 160

/* DEGRADED_* as words, comma-separated, heat first; "" for none. power-profiles-daemon has the first two only. */
void describe_degraded(uint32_t degraded, char ret[DEGRADED_TEXT_MAX]);
/* GOV_CPU_* as "performance", "efficiency", "". */
const char *describe_core_kind(uint32_t kind);

/* A level request is shown as one row per limit that it sets. Effects are those of manager_weigh_requests(). */
struct request_row {
        const char *kind; /* "profile", "floor", "ceiling" */
        char domain[24];
        char value[64]; /* profile name, or level */
        enum request_effect effect;
};
#define REQUEST_ROWS_MAX 2
size_t describe_request(const struct request *request, struct request_row ret[REQUEST_ROWS_MAX]);

#endif
