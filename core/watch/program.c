/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks up the name of a process, for messages such as "tlp[1234]". The real /proc is read, also for a simulated machine. The name
 * is only a hint: the process ID may have been reused since, and a process can choose its name. */

#include "core/watch/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/text.h"

#define PF_KTHREAD 0x00200000u /* linux/sched.h, part of the stable format of /proc/PID/stat */

static int process_attr(pid_t pid, const char *name, char *ret, size_t size) {
        _cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        char path[40];
        int r;

        if (root < 0)
                return -errno;
        if (pid <= 0 || TEXT_FORMAT(path, "proc/%d/%s", (int) pid, name) < 0)
                return -ESRCH;
        r = attr_read(root, path, ret, size);
        return r == -ENOENT ? -ESRCH : r;
}

int program_name(pid_t pid, char ret[PROGRAM_NAME_MAX]) {
        char comm[PROGRAM_NAME_MAX + 2]; /* the name, a newline, and an unused byte, without which attr_read() reports that the text
                                            does not fit */
        int r;

        memset(ret, 0, PROGRAM_NAME_MAX);
        r = process_attr(pid, "comm", comm, sizeof(comm));
        if (r < 0)
                return r;
        for (size_t i = 0; comm[i] && i + 1 < PROGRAM_NAME_MAX; i++)
                ret[i] = (unsigned char) comm[i] < 0x20 || comm[i] == 0x7f ? '?' : comm[i];
        return 0;
}

bool program_is_kernel(pid_t pid) {
        unsigned flags = 0;
        char stat[512];
        const char *end;

        if (process_attr(pid, "stat", stat, sizeof(stat)) < 0)
                return false;
        end = strrchr(stat, ')'); /* the name, which precedes it, may contain any character */
        return end && sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && (flags & PF_KTHREAD);
}
