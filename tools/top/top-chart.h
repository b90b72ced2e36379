/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_CHART_H
#define TOOLS_TOP_CHART_H

#include <stddef.h>
#include <stdint.h>

/* A missing value, which is drawn without any dot. */
#define CHART_NONE UINT32_MAX

/* Returns a chart of braille characters (malloc'ed) that is `cells` columns wide. Each character has two values; the latest value
 * is at the right end. The value 0 is drawn as one dot, three quarters of `full` and above as four. */
char *chart_line(const uint32_t *values, size_t n, uint32_t full, size_t cells);
/* Returns a bar (malloc'ed) for a range of levels, on a scale of `cells` columns from 0 to `full`. */
char *chart_range(uint32_t floor, uint32_t ceiling, uint32_t full, size_t cells);

#endif
