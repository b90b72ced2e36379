/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the CPUs on which a session's threads ran. A process may have tens of thousands of threads, and the event loop waits during
 * the read. So the number of threads is limited, and attr_walk(), which reads and sorts all names first, is not used.
 *
 * The second field of `stat`, the thread's name, may contain any character, such as blanks and parentheses. So fields are counted
 * from the last ')' on. */

#include "bpf/user-cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

#define STAT_MAX 2048
/* Numbers of fields as in proc_pid_stat(5). The third field is the first one after the name. */
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

/* Reads the first number of proc/PID/task/TID/schedstat: the running time in nanoseconds. Returns 0 if the kernel does not provide
 * it. */
static uint64_t read_ran_ns(int task_fd, uint32_t tid) {
        char path[32], text[96];
        int64_t ran_ns;

        if (TEXT_FORMAT(path, "%u/schedstat", tid) < 0 || attr_read(task_fd, path, text, sizeof(text)) < 0)
                return 0;
        text[strcspn(text, " ")] = '\0';
        return parse_i64(text, &ran_ns) < 0 || ran_ns < 0 ? 0 : (uint64_t) ran_ns;
}

static bool slept(const struct user_cpus *before, const struct user_thread *thread) {
        for (size_t i = 0; before && thread->ran_ns > 0 && i < before->n_threads; i++)
                if (before->threads[i].tid == thread->tid)
                        return before->threads[i].ran_ns == thread->ran_ns;
        return false;
}

static void read_thread(int task_fd, uint32_t tid, const struct user_cpus *before, struct user_cpus *cpus) {
        struct user_thread *thread = &cpus->threads[cpus->n_threads++];
        char path[24], stat[STAT_MAX];
        uint32_t cpu;

        *thread = (struct user_thread){ .tid = tid, .ran_ns = read_ran_ns(task_fd, tid) };
        if (slept(before, thread))
                return;
        if (TEXT_FORMAT(path, "%u/stat", tid) >= 0 && attr_read(task_fd, path, stat, sizeof(stat)) >= 0 &&
            user_cpus_parse(stat, &cpu) >= 0 && cpu < USER_CPUS_MAX)
                add(cpus, (uint16_t) cpu);
}

/* Takes ownership of the descriptor. */
static int read_all(int fd, const struct user_cpus *before, struct user_cpus *ret) {
        _cleanup_closedir_ DIR *dir = fdopendir(fd);
        struct dirent *entry;
        uint32_t tid;

        if (!dir) {
                int r = -errno;

                (void) close_fd(fd);
                return r;
        }
        while (ret->n_threads < USER_CPUS_THREADS && (entry = readdir(dir)))
                if (parse_u32(entry->d_name, &tid) >= 0)
                        read_thread(dirfd(dir), tid, before, ret);
        return 0;
}

int user_cpus_read(int root_fd, const struct session *session, const struct user_cpus *before, struct user_cpus *ret) {
        _cleanup_close_ int fd = -1;
        char path[32];

        *ret = (struct user_cpus){};
        if (TEXT_FORMAT(path, "proc/%u/task", session->tgid) < 0)
                return -EINVAL;
        fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (session->n_threads == 0)
                return read_all(TAKE_FD(fd), before, ret);
        for (uint32_t i = 0; i < session->n_threads && i < GOV_QOS_THREADS_MAX; i++)
                read_thread(fd, session->threads[i], before, ret);
        return 0;
}
