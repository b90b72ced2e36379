/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An application that uses libgovernord. It reads commands from standard input, one per line, and prints one line of output for
 * each. It ends with its input, or with status 1 after an unknown command.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <governord/qos.h>

#define DEADLINE_MS 10000

_Static_assert(sizeof(void *) != 8 || sizeof(struct gov_qos_options) == 32, "grows at its end only: tell me when it does");
_Static_assert(sizeof(struct gov_qos_status) == 200, "as above");

static struct gov_qos *qos;

static void print_status(void) {
        static const char *const states[] = { "waiting", "opening", "open", "refused", "off" }, *const rungs[] = { "none", "user",
                                                                                                                   "bpf", "other" };
        struct gov_qos_status status = { .size = sizeof(status) };

        (void) gov_qos_status(qos, &status);
        printf("%s rung=%s sessions=%u reported=%llu dropped=%llu message=%s\n", states[status.state], rungs[status.rung],
               status.sessions, (unsigned long long) status.reported, (unsigned long long) status.dropped, status.message);
}

/* Waits until the handle has this state, at least this number of sessions, and a message that contains the text. */
static void wait_for(uint32_t state, uint32_t sessions, const char *text) {
        struct gov_qos_status status = { .size = sizeof(status) };

        do {
                (void) gov_qos_status(qos, &status);
                if (status.state == state && status.sessions >= sessions && strstr(status.message, text))
                        break;
        } while (gov_qos_wait(qos, status.changes, DEADLINE_MS) == 0);
        print_status();
}

static void open_handle(const char *arguments) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(2000);
        char name[300] = "";

        (void) sscanf(arguments, "%u %u %u %u %u %299[^\n]", &options.flags, &options.target_us, &options.permille,
                      &options.window_us, &options.stale_us, name);
        options.application = name[0] ? name : NULL;
        printf("%d\n", gov_qos_open(&options, &qos));
}

/* Reports under a seccomp filter that kills the process with SIGSYS at any system call except exit_group(). */
static void report_without_system_calls(unsigned int n) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        };
        struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                _exit(77);
        for (unsigned int i = 0; i < n; i++) {
                gov_qos_report(qos, i);
                if (i % 100 == 0)
                        gov_qos_spike(qos);
        }
        _exit(0);
}

/* Calls each function once in a forked child, and prints its exit status. */
static void try_in_child(void) {
        pid_t child = fork();
        int end = -1;

        if (child == 0) {
                alarm(DEADLINE_MS / 1000);
                gov_qos_report(qos, 1);
                gov_qos_end(qos, gov_qos_begin(qos));
                gov_qos_spike(qos);
                (void) gov_qos_kick(qos);
                (void) gov_qos_set_target(qos, 1, 0, 0);
                (void) gov_qos_set_threads(qos, NULL, 0);
                _exit(gov_qos_close(qos) ? 1 : 0);
        }
        (void) waitpid(child, &end, 0);
        printf("%d\n", end);
}

static void stay_in_child(void) {
        pid_t child = fork();

        if (child == 0) {
                (void) pause();
                _exit(0);
        }
        printf("%d\n", (int) child);
}

static void use(const char *word, const char *rest) {
        unsigned int a = 0, b = 0, c = 0;
        int r = 0;

        (void) sscanf(rest, "%u %u %u", &a, &b, &c);
        errno = 4711; /* no function of the library may change it */
        if (strcmp(word, "report") == 0)
                while (b-- > 0)
                        gov_qos_report(qos, a);
        else if (strcmp(word, "end") == 0)
                gov_qos_end(qos, gov_qos_begin(qos));
        else if (strcmp(word, "spike") == 0)
                gov_qos_spike(qos);
        else if (strcmp(word, "kick") == 0)
                r = gov_qos_kick(qos);
        else if (strcmp(word, "target") == 0)
                r = gov_qos_set_target(qos, a, b, c);
        else if (strcmp(word, "threads") == 0)
                r = gov_qos_set_threads(qos, (const int32_t[]){ (int32_t) a, (int32_t) b, (int32_t) c },
                                        c > 0 ? 3 :
                                        b > 0 ? 2 :
                                                a > 0);
        else if (strcmp(word, "close") == 0)
                qos = gov_qos_close(qos);
        else if (strcmp(word, "close-descriptors") == 0)
                r = (int) syscall(SYS_close_range, 3u, ~0u, 0u);
        else
                exit(1);
        printf("%d %s\n", r, errno == 4711 ? "ok" : "errno changed");
}

int main(void) {
        char line[512], word[32], *rest;
        int n;

        while (fgets(line, sizeof(line), stdin)) {
                n = 0;
                (void) sscanf(line, "%31s %n", word, &n);
                rest = line + n;
                if (strcmp(word, "open") == 0)
                        open_handle(rest);
                else if (strcmp(word, "status") == 0)
                        print_status();
                else if (strcmp(word, "wait") == 0) {
                        unsigned int state = 0, sessions = 0;
                        char text[256] = "";

                        (void) sscanf(rest, "%u %u %255[^\n]", &state, &sessions, text);
                        wait_for(state, sessions, text);
                } else if (strcmp(word, "seccomp") == 0)
                        report_without_system_calls((unsigned int) strtoul(rest, NULL, 10));
                else if (strcmp(word, "child") == 0)
                        try_in_child();
                else if (strcmp(word, "child-stays") == 0)
                        stay_in_child();
                else
                        use(word, rest);
                (void) fflush(stdout);
        }
        return 0;
}
