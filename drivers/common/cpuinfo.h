/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUINFO_H
#define DRIVERS_COMMON_CPUINFO_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* The first CPU's block of proc/cpuinfo, with its vendor and its features. */

/* Enough for the flags of today's largest processors, which are about 2 KiB. */
#define CPUINFO_MAX 8192

/* Reads the beginning of the file, NUL-terminated. 0 or negative errno. */
int cpuinfo_read(const struct gov_host *host, char *ret, size_t size);

enum cpuinfo_answer { CPUINFO_NO, CPUINFO_YES, CPUINFO_SILENT };
/* Checks whether the processor is of this vendor ("AuthenticAMD"). CPUINFO_SILENT: there is no file, or on this
 * architecture it names no vendor. */
enum cpuinfo_answer cpuinfo_is_made_by(const struct gov_host *host, const char *vendor_id);

#endif
