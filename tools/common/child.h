/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include <signal.h>

/* A program that we start, wait for, and pass signals to. */
/* Blocks the signals that child_run() passes on, so that none is lost from here on. */
void child_prepare(void);
/* Starts argv[0] (found in PATH) and waits for its end. SIGTERM, SIGINT and SIGABRT that come meanwhile are sent to it, except
 * those that the terminal sends to both of us anyway. 0 and how it ended, or the negative errno of not being able to start. */
int child_run(char *const *argv, siginfo_t *ret);
/* Runs argv[0] to its end and takes what it writes to standard output and error (malloc'ed; NULL: it writes where we write, *ret_output is
 * not touched). Its exit status, 128 and more if a signal ended it, or a negative errno. */
int child_output(char *const *argv, char **ret_output);
/* Ends this process as the child ended: its exit status is returned, its signal is raised here. */
int child_imitate(const siginfo_t *end);
/* Says that `command` cannot be run. The exit status for it, as of env(1) and nice(1): 127 not found, else 126. */
int child_refused(const char *program, const char *command, int error);

#endif
