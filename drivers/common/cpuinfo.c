/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads proc/cpuinfo. Vendor drivers need it where file names are ambiguous: the energy counters of AMD are called "intel-rapl",
 * too. */

#include "drivers/common/cpuinfo.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"

int cpuinfo_read(const struct gov_host *host, char *ret, size_t size) {
        _cleanup_close_ int fd = attr_open(host->root_fd, "proc/cpuinfo", NULL);
        ssize_t n;

        if (fd < 0)
                return fd;
        n = pread(fd, ret, size - 1, 0);
        if (n < 0)
                return -errno;
        ret[n] = '\0';
        return 0;
}

enum cpuinfo_answer cpuinfo_is_made_by(const struct gov_host *host, const char *vendor_id) {
        char text[512]; /* the vendor is on the second line */

        if (cpuinfo_read(host, text, sizeof(text)) < 0 || !strstr(text, "vendor_id"))
                return CPUINFO_SILENT;
        return strstr(text, vendor_id) ? CPUINFO_YES : CPUINFO_NO;
}
