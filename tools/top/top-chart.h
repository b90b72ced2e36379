/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_CHART_H
#define TOOLS_TOP_CHART_H

#include <stddef.h>
#include <stdint.h>

/* No value: an empty cell; a value of 0 has one dot. */
#define CHART_NONE UINT32_MAX

/* Returns a chart of braille characters, two values in each, the latest at the right end, as a new string of exactly `cells`
 * columns: 0 is one dot high, `full` and more are four. */
char *chart_line(const uint32_t *values, size_t n, uint32_t full, size_t cells);
/* Returns the range of levels on a scale of `cells` columns from 0 to `full`. */
char *chart_range(uint32_t floor, uint32_t ceiling, uint32_t full, size_t cells);

#endif
