/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_CPUINFO_H
#define DRIVERS_COMMON_CPUINFO_H

#include <stdbool.h>

#include "include/governord/driver.h"

/* The block of the first CPU in proc/cpuinfo, which contains vendor and features. */

/* Sufficient for the block of the first CPU: the flags of current processors have about 2 KiB. */
#define CPUINFO_MAX 8192

/* Reads the beginning of the file and adds a NUL. Returns 0 or a negative errno. */
int cpuinfo_read(const struct gov_host *host, char *ret, size_t size);

enum cpuinfo_answer { CPUINFO_NO, CPUINFO_YES, CPUINFO_SILENT };
/* Checks whether the processor is of this vendor (such as "AuthenticAMD"). CPUINFO_SILENT means that there is no file, or that it
 * does not contain a vendor, as on some architectures. */
enum cpuinfo_answer cpuinfo_is_made_by(const struct gov_host *host, const char *vendor_id);

#endif
