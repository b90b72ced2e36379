/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and kills it at one of the system calls by which it changes files.
 *
 *   kill-at COUNT-FILE N before|after PROGRAM [ARGUMENT...]
 *
 * SIGKILL is sent immediately before or after the N-th such call: a write to a regular file, a truncation, a rename, a removal,
 * or the creation of a file or directory. With N = 0 these calls are only counted. COUNT-FILE has the number of calls that have
 * begun.
 *
 * tests/lib/fault.c cannot do this, because it sees neither the writes that stdio makes nor renames. The program keeps its process
 * id, because the tracer is its child. A seccomp filter stops the program, and wakes the tracer, only at the relevant calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h> /* after <sys/ptrace.h> */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const long calls[] = {
        SYS_write,    SYS_writev, SYS_pwrite64, SYS_ftruncate, SYS_openat, SYS_mkdirat, SYS_unlinkat, SYS_renameat2,
#ifdef SYS_renameat
        SYS_renameat,
#endif
#ifdef SYS_open
        SYS_open,     SYS_creat,  SYS_mkdir,    SYS_unlink,    SYS_rmdir,  SYS_rename,  SYS_truncate,
#endif
};

static void die(const char *what) {
        (void) fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
        _exit(125);
}

/* -- the program's side -- */

static void filter_calls(void) {
        struct sock_filter code[LENGTH(calls) * 2 + 2];
        struct sock_fprog program = { .filter = code };
        size_t n = 0;

        code[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        for (size_t i = 0; i < LENGTH(calls); i++) {
                code[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t) calls[i], 0, 1);
                code[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
        }
        code[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        program.len = (unsigned short) n;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                die("seccomp");
}

/* -- the tracer's side -- */

static bool is_regular(pid_t pid, uint64_t fd) {
        char path[64];
        struct stat st;

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int) pid, (int) fd);
        return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Returns true if the call that is about to begin changes a file. */
static bool changes_file(pid_t pid, const struct ptrace_syscall_info *info) {
        const __u64 *args = info->seccomp.args;

        switch (info->seccomp.nr) {
        case SYS_write:
        case SYS_writev:
        case SYS_pwrite64:
        case SYS_ftruncate:
                return is_regular(pid, args[0]) && args[0] > STDERR_FILENO;
        case SYS_openat:
                return args[2] & (O_CREAT | O_TRUNC);
#ifdef SYS_open
        case SYS_open:
                return args[1] & (O_CREAT | O_TRUNC);
#endif
        default:
                return true;
        }
}

static void show(int fd, unsigned long count) {
        char digits[24];
        int n = snprintf(digits, sizeof(digits), "%10lu\n", count);

        if (pwrite(fd, digits, (size_t) n, 0) != n)
                die("count file");
}

/* Traces the program until it has ended. */
static void trace(pid_t pid, int count_fd, unsigned long at, bool after) {
        unsigned long count = 0;
        int status;
        enum __ptrace_request how = PTRACE_CONT;

        while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
                struct ptrace_syscall_info info;
                int number = WSTOPSIG(status), forwarded = 0;

                if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
                        how = PTRACE_CONT;
                        if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 && changes_file(pid, &info)) {
                                show(count_fd, ++count);
                                if (count == at && !after)
                                        (void) kill(pid, SIGKILL);
                                else if (count == at)
                                        how = PTRACE_SYSCALL;
                        }
                } else if (number == (SIGTRAP | 0x80)) /* the call has returned */
                        (void) kill(pid, SIGKILL);
                else if (status >> 16 == PTRACE_EVENT_STOP && (number == SIGSTOP || number == SIGTSTP)) {
                        (void) ptrace(PTRACE_LISTEN, pid, NULL, NULL);
                        continue;
                } else if (status >> 16 == 0)
                        forwarded = number;
                (void) ptrace(how, pid, NULL, (void *) (intptr_t) forwarded);
        }
        _exit(0);
}

int main(int argc, char **argv) {
        int ready[2], go[2], count_fd;
        pid_t program = getpid(), tracer;
        char byte = 0;

        if (argc < 5)
                return 125;
        count_fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (count_fd < 0 || pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
                die(argv[1]);
        show(count_fd, 0);
        tracer = fork();
        if (tracer == 0) {
                if (read(go[0], &byte, 1) != 1)
                        _exit(125);
                if (ptrace(PTRACE_SEIZE, program, NULL,
                           (void *) (PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
                        die("ptrace");
                if (write(ready[1], &byte, 1) != 1)
                        _exit(125);
                (void) close(ready[1]);
                trace(program, count_fd, strtoul(argv[2], NULL, 10), strcmp(argv[3], "after") == 0);
        }
        (void) close(ready[1]);
        (void) prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
        if (tracer < 0 || write(go[1], &byte, 1) != 1 || read(ready[0], &byte, 1) != 1)
                die("tracer");
        filter_calls();
        (void) execv(argv[4], argv + 4);
        die(argv[4]);
}
