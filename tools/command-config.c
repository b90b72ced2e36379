/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl config check: lets the service's own program read a configuration and say what is wrong with it, without a bus.
 * It judges nothing itself, and passes the program's exit status on. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "tools/commands.h"
#include "tools/utf8.h"
#include "tools/xalloc.h"

#ifndef GOVERNORD_DAEMON_PATH
#define GOVERNORD_DAEMON_PATH "/usr/libexec/governord"
#endif

/* As the shell. */
#define STATUS_CANNOT_RUN 127

static const char *daemon_path(void) {
        const char *path = getenv("GOVERNORD_DAEMON");

        return path && path[0] ? path : GOVERNORD_DAEMON_PATH;
}

static _Noreturn void become(const char *file, int out) {
        _cleanup_free_ char *option = NULL;
        const char *argv[] = { daemon_path(), "--check-config", NULL };

        if (file) {
                must(asprintf(&option, "%s=%s", argv[1], file) < 0 ? NULL : option);
                argv[1] = option;
        }
        if (out >= 0) {
                (void) dup2(out, STDOUT_FILENO);
                (void) dup2(out, STDERR_FILENO);
        }
        (void) execv(argv[0], (char *const *) argv);
        (void) fprintf(stderr, "governorctl: cannot run %s: %s\n", argv[0], strerror(errno));
        (void) fflush(stderr);
        _exit(STATUS_CANNOT_RUN);
}

static int status_of(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return CLI_FAILED;
        return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
}

static char *read_all(int fd) {
        char *text = NULL, buffer[4096];
        size_t size = 0;
        FILE *f = must(open_memstream(&text, &size));
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR))
                if (n > 0)
                        (void) fwrite(buffer, 1, (size_t) n, f);
        (void) fclose(f);
        return must(text);
}

/* `ret_output` NULL: the program writes where we write. */
static int check(const char *file, char **ret_output) {
        int fds[2] = { -1, -1 };
        pid_t pid;

        if (ret_output && pipe2(fds, O_CLOEXEC) < 0)
                return CLI_FAILED;
        (void) fflush(NULL);
        pid = fork();
        if (pid == 0)
                become(file, fds[1]);
        (void) close_fd(fds[1]);
        if (ret_output)
                *ret_output = read_all(fds[0]);
        (void) close_fd(fds[0]);
        return pid < 0 ? CLI_FAILED : status_of(pid);
}

static int check_json(struct json *j, const char *file) {
        _cleanup_free_ char *output = NULL;
        int status = check(file, &output);

        json_open(j, NULL, '{');
        json_string(j, "file", file ? file : "");
        json_int(j, "status", status);
        json_string(j, "output", output ? output : "");
        json_close(j, '}');
        return status;
}

int command_config(struct cli *cli) {
        struct json j = { .f = stdout };
        int worst = 0, i = 1;

        if (strcmp(cli_word(cli, 0), "check") != 0)
                return cli_usage_error(cli, "config: the only thing to do is check");
        if (cli->json)
                json_open(&j, NULL, '[');
        do {
                int status = cli->json ? check_json(&j, cli_word(cli, i)) : check(cli_word(cli, i), NULL);

                worst = MAX(worst, status);
        } while (++i < cli->options.n_words);
        if (cli->json)
                json_close(&j, ']');
        return worst;
}
