/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs other programs. Messages of the bus are not read until the child has ended, since none of them would stop it. The child gets
 * the signal mask from before child_prepare(), or in child_output() that of this process, and the signal dispositions of this
 * process. */

#include "tools/common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

#define STATUS_NOT_FOUND  127
#define STATUS_CANNOT_RUN 126
#define OUTPUT_MAX        ((size_t) 8 * 1024 * 1024)

static sigset_t mask_before;

static sigset_t forwarded(void) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGABRT);
        return set;
}

void child_prepare(void) {
        sigset_t set = forwarded();

        (void) sigprocmask(SIG_BLOCK, &set, &mask_before);
}

/* Called in the child. `out` is its standard output and error (-1: they are inherited). If exec fails, its errno is written to the
 * pipe; otherwise exec closes the pipe. */
static _Noreturn void exec_child(char *const *argv, int out, int pipe_fd) {
        int error;

        if (out >= 0) {
                (void) dup2(out, STDOUT_FILENO);
                (void) dup2(out, STDERR_FILENO);
        }
        (void) sigprocmask(SIG_SETMASK, &mask_before, NULL);
        (void) execvp(argv[0], argv);
        error = errno;
        (void) !write(pipe_fd, &error, sizeof(error));
        _exit(127);
}

static int start(char *const *argv, int out, pid_t *ret) {
        int fds[2], error = 0;
        ssize_t n;
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        (void) fflush(NULL);
        pid = fork();
        if (pid == 0)
                exec_child(argv, out, fds[1]);
        error = pid < 0 ? errno : 0;
        (void) close_fd(fds[1]);
        do
                n = pid < 0 ? 0 : read(fds[0], &error, sizeof(error));
        while (n < 0 && errno == EINTR);
        (void) close_fd(fds[0]);
        if (pid > 0 && n > 0)
                (void) waitpid(pid, NULL, 0);
        *ret = pid;
        return -error;
}

static void pass_on(int signal_fd, int child_fd) {
        struct signalfd_siginfo info;

        if (read(signal_fd, &info, sizeof(info)) == (ssize_t) sizeof(info) && info.ssi_code != SI_KERNEL)
                (void) syscall(SYS_pidfd_send_signal, child_fd, (int) info.ssi_signo, NULL, 0);
}

static int wait_for(pid_t pid, siginfo_t *ret) {
        sigset_t set = forwarded();
        _cleanup_close_ int signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        _cleanup_close_ int child_fd = (int) syscall(SYS_pidfd_open, pid, 0);
        struct pollfd polls[] = { { .fd = child_fd, .events = POLLIN }, { .fd = signal_fd, .events = POLLIN } };

        while (child_fd >= 0) { /* without pidfds (before Linux 5.3) signals are not passed on */
                if (poll(polls, ARRAY_SIZE(polls), -1) < 0 && errno != EINTR)
                        return -errno;
                if (polls[0].revents)
                        break;
                if (polls[1].revents)
                        pass_on(signal_fd, child_fd);
        }
        return waitid(P_PID, (id_t) pid, ret, WEXITED) < 0 ? -errno : 0;
}

int child_run(char *const *argv, siginfo_t *ret) {
        pid_t pid = -1;
        int r = start(argv, -1, &pid);

        return r < 0 ? r : wait_for(pid, ret);
}

/* Reads all output, so that the child never blocks on the pipe; about OUTPUT_MAX bytes are kept. */
static char *read_all(int fd) {
        char *text = NULL, buffer[4096];
        size_t size = 0, kept = 0;
        FILE *f = must(open_memstream(&text, &size));
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR))
                if (n > 0 && kept < OUTPUT_MAX)
                        kept += fwrite(buffer, 1, (size_t) n, f);
        (void) fclose(f);
        return must(text);
}

int child_output(char *const *argv, char **ret_output) {
        int fds[2] = { -1, -1 }, r;
        siginfo_t end = {};
        pid_t pid = -1;

        if (ret_output && pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        (void) sigprocmask(SIG_BLOCK, NULL, &mask_before);
        r = start(argv, fds[1], &pid);
        (void) close_fd(fds[1]);
        if (ret_output && r >= 0)
                *ret_output = read_all(fds[0]);
        (void) close_fd(fds[0]);
        if (r < 0)
                return r;
        while ((r = waitid(P_PID, (id_t) pid, &end, WEXITED)) < 0 && errno == EINTR)
                ;
        return r < 0 ? -errno : end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

int child_imitate(const siginfo_t *end) {
        struct sigaction action = { .sa_handler = SIG_DFL };
        sigset_t set;

        if (end->si_code == CLD_EXITED)
                return end->si_status;
        (void) fflush(NULL);
        (void) prctl(PR_SET_DUMPABLE, 0); /* no core dump: the child may have made one already */
        (void) sigaction(end->si_status, &action, NULL);
        (void) sigemptyset(&set);
        (void) sigaddset(&set, end->si_status);
        (void) raise(end->si_status);
        (void) sigprocmask(SIG_UNBLOCK, &set, NULL);
        return 128 + end->si_status; /* the signal did not terminate this process */
}

/* Returns a more exact description of an error of execvp() than strerror(), or NULL. */
static const char *reason_of(const char *command, int error) {
        bool is_path = strchr(command, '/');
        struct stat st;

        if (error == -ENOENT && !is_path)
                return "no folder of PATH contains this program";
        if (!is_path || stat(command, &st) < 0)
                return NULL;
        if (error == -ENOENT)
                return "the file exists, but not the interpreter or loader that it names";
        if (error == -EACCES && S_ISDIR(st.st_mode))
                return "it is a folder";
        return error == -EACCES && S_ISREG(st.st_mode) && access(command, X_OK) < 0 ? "the file is not executable for this user" :
                                                                                      NULL;
}

int child_refused(const char *program, const char *command, int error) {
        const char *reason = reason_of(command, error);

        (void) fprintf(stderr, "%s: cannot run ", program);
        clean_print(stderr, command[0] ? command : "\"\"", false);
        (void) fprintf(stderr, ": %s%s%s\n", strerror(-error), reason ? ": " : "", reason ? reason : "");
        return error == -ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}
