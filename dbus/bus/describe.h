/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_DESCRIBE_H
#define DBUS_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "core/decide/request.h"

/* Converts the manager's numeric values to the strings of the D-Bus interfaces. */

/* Size of a buffer for the longest list of degradations, with the final NUL. */
#define DEGRADED_TEXT_MAX 160

/* Writes the names of DEGRADED_* bits, separated by commas, in the order that power-profiles-daemon uses for its two (heat, lap).
 * "" if no bit is set. */
void describe_degraded(uint32_t degraded, char ret[DEGRADED_TEXT_MAX]);
/* GOV_CPU_* as "performance", "efficiency", "". */
const char *describe_core_kind(uint32_t kind);

/* A level request has one row for each limit that it sets. The effects were determined by manager_weigh_requests(). */
struct request_row {
        const char *kind; /* "profile", "floor", "ceiling" */
        char domain[24];
        char value[64]; /* name of a profile, or a level */
        enum request_effect effect;
};
#define REQUEST_ROWS_MAX 2
size_t describe_request(const struct request *request, struct request_row ret[REQUEST_ROWS_MAX]);

#endif
