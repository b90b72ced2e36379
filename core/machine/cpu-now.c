/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Present frequency and idle time. The idle time comes from /proc/stat. The counters of cpuidle are not used, since the kernel
 * updates them only when the CPU leaves an idle state: a CPU that stays idle would appear to be busy. */

#include "core/machine/cpu-now.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

/* The lines of the CPUs come first and have about 100 bytes each, so this is enough for the 8192 CPUs of the largest kernels. The
 * other lines may be longer than all of these together, and are not needed. */
#define STAT_MAX     ((size_t) 1024 * 1024)
#define USEC_PER_SEC 1000000

/* Columns of a line: user, nice, system, idle, iowait, irq, softirq, steal. The user column already contains the guest times. */
enum { COLUMN_IDLE = 3, COLUMN_IOWAIT = 4, N_COLUMNS = 8 };

static int read_text(int root_fd, char *text) {
        _cleanup_close_ int fd = attr_open(root_fd, "proc/stat", NULL);
        size_t size = 0;
        ssize_t n = 1;

        if (fd < 0)
                return fd;
        while (n > 0 && size < STAT_MAX) {
                n = read(fd, text + size, STAT_MAX - size);
                if (n < 0)
                        return -errno;
                size += (size_t) n;
        }
        text[size] = '\0';
        return 0;
}

static uint64_t to_usec(uint64_t ticks, long per_second) {
        uint64_t usec;

        if (per_second <= 0 || __builtin_mul_overflow(ticks, (uint64_t) (USEC_PER_SEC / per_second), &usec))
                return 0;
        return usec;
}

static int read_line(char *line, struct cpu_times *ret) {
        uint64_t idle = 0, total = 0;
        long per_second = sysconf(_SC_CLK_TCK);

        for (int i = 0; i < N_COLUMNS; i++) {
                const char *word = strsep(&line, " ");
                int64_t ticks;

                if (!word || parse_i64(word, &ticks) < 0 || ticks < 0 || __builtin_add_overflow(total, (uint64_t) ticks, &total))
                        return -EINVAL;
                if (i == COLUMN_IDLE || i == COLUMN_IOWAIT)
                        idle += (uint64_t) ticks;
        }
        *ret = (struct cpu_times){ .idle_usec = to_usec(idle, per_second), .total_usec = to_usec(total, per_second) };
        return 0;
}

int cpu_times_read(int root_fd, struct cpu_times *ret, uint32_t n) {
        _cleanup_free_ char *text = malloc(STAT_MAX + 1);
        char *rest = text;
        int r;

        memset(ret, 0, n * sizeof(*ret));
        if (!text)
                return -ENOMEM;
        r = read_text(root_fd, text);
        if (r < 0)
                return r;
        for (char *line; (line = strsep(&rest, "\n"));) {
                const char *name = strsep(&line, " ");
                uint32_t cpu;

                if (line && attr_suffix(name, "cpu", &cpu) == 0 && cpu < n)
                        (void) read_line(line, &ret[cpu]);
        }
        return 0;
}

uint64_t cpu_khz_now(int root_fd, uint32_t cpu) {
        char path[96];
        int64_t khz;

        (void) TEXT_FORMAT(path, "sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", cpu);
        return attr_read_i64(root_fd, path, &khz) >= 0 && khz > 0 ? (uint64_t) khz : 0;
}
