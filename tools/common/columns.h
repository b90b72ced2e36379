/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_COLUMNS_H
#define TOOLS_COLUMNS_H

#include "tools/common/rows.h"

/* The columns of those answers, properties and signals of the service that consist of rows, in the order of
 * dbus/org.governord.*.xml; and the columns of sessions. */
extern const struct columns without_effect_columns;
extern const struct columns profile_columns, rule_columns, request_columns, driver_columns, counter_columns, knob_columns,
        explain_columns, why_columns, cpu_columns, changed_columns, limit_columns, session_columns, top_session_columns,
        governor_columns, added_columns;

/* Functions for `show` of struct column. */
/* Converts microseconds to a text such as "29min 3s"; "" for 0, less, and anything that is not a number. */
const char *show_duration(const char *raw, char *buffer, size_t size);
/* Converts microwatts to a text such as "15.0 W". */
const char *show_watt(const char *raw, char *buffer, size_t size);
/* Converts microseconds, which may be negative, to a text such as "950us", "2.5ms", "30s". */
const char *show_time_us(const char *raw, char *buffer, size_t size);
/* Converts permille to a text such as "p99.5". */
const char *show_percentile(const char *raw, char *buffer, size_t size);

#endif
