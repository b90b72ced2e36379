/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUINFO_H
#define DRIVERS_COMMON_CPUINFO_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* The first CPU's block of proc/cpuinfo, which says who made it and what it can do. */

/* Enough for the flags of today's largest processors, which are about 2 KiB. */
#define CPUINFO_MAX 8192

/* The file's beginning, NUL-terminated. 0 or negative errno. */
int cpuinfo_read(const struct gov_host *host, char *ret, size_t size);

enum cpuinfo_answer { CPUINFO_NO, CPUINFO_YES, CPUINFO_SILENT };
/* Is the processor by this maker ("AuthenticAMD")? Silent without the file, or where the architecture does not name makers. */
enum cpuinfo_answer cpuinfo_is_made_by(const struct gov_host *host, const char *vendor_id);

#endif
