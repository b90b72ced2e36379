/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads which CPUs a process's threads ran on. It refuses to look at more than so many threads: a process may have tens of
 * thousands, and the loop waits while we read. That is why it reads the folder itself, and stops: attr_walk() collects and sorts
 * all names first.
 *
 * Subtle: a thread's name, the second field, may contain anything, blanks and parentheses included; fields are counted from its
 * last ')'. */

#include "bpf/user-cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

#define STAT_MAX 2048
/* Of proc_pid_stat(5), from 1. The third is the first behind the name. */
#define FIELD_STATE     3
#define FIELD_PROCESSOR 39

int user_cpus_parse(const char *stat, uint32_t *ret) {
        const char *rest = strrchr(stat, ')'), *word = NULL;
        char number[16];
        size_t length = 0;

        if (!rest)
                return -EINVAL;
        rest++;
        for (int field = FIELD_STATE; field <= FIELD_PROCESSOR; field++) {
                length = next_word(&rest, &word);
                if (field == FIELD_STATE && length == 1 && strchr("ZXx", word[0]))
                        return -ESRCH;
        }
        if (length == 0 || length >= sizeof(number))
                return -EINVAL;
        memcpy(number, word, length);
        number[length] = '\0';
        return parse_u32(number, ret);
}

static void add(struct user_cpus *cpus, uint16_t cpu) {
        size_t i = cpus->n;

        for (size_t j = 0; j < cpus->n; j++)
                if (cpus->cpus[j] == cpu)
                        return;
        for (; i > 0 && cpus->cpus[i - 1] > cpu; i--)
                cpus->cpus[i] = cpus->cpus[i - 1];
        cpus->cpus[i] = cpu;
        cpus->n++;
}

static void read_thread(int task_fd, uint32_t tid, struct user_cpus *cpus) {
        char path[24], stat[STAT_MAX];
        uint32_t cpu;

        cpus->n_threads++;
        if (TEXT_FORMAT(path, "%u/stat", tid) >= 0 && attr_read(task_fd, path, stat, sizeof(stat)) >= 0 &&
            user_cpus_parse(stat, &cpu) >= 0 && cpu < USER_CPUS_MAX)
                add(cpus, (uint16_t) cpu);
}

int user_cpus_read(int root_fd, pid_t tgid, struct user_cpus *ret) {
        _cleanup_closedir_ DIR *dir = NULL;
        _cleanup_close_ int fd = -1;
        struct dirent *entry;
        char path[32];
        uint32_t tid;

        *ret = (struct user_cpus) {};
        if (tgid <= 0 || TEXT_FORMAT(path, "proc/%u/task", (uint32_t) tgid) < 0)
                return -EINVAL;
        fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        dir = fdopendir(fd);
        if (!dir)
                return -errno;
        fd = -1; /* the stream's now */
        while (ret->n_threads < USER_CPUS_THREADS && (entry = readdir(dir)))
                if (parse_u32(entry->d_name, &tid) >= 0)
                        read_thread(dirfd(dir), tid, ret);
        return 0;
}
