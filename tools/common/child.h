/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include <signal.h>

/* Starts a program, waits for it, and passes signals to it. */

/* Blocks the signals that child_run() passes on, so that signals which arrive before child_run() are not lost. */
void child_prepare(void);
/* Starts argv[0] (found in PATH) and waits for its end. SIGTERM, SIGINT and SIGABRT that this process receives are passed to the
 * child, except those that the terminal sends to both processes. The caller has called child_prepare(). Returns 0, and in *ret how
 * the child ended; or a negative errno, usually because the child could not be started. */
int child_run(char *const *argv, siginfo_t *ret);
/* Runs argv[0] to its end and captures its standard output and error, up to about 8 MiB, in *ret_output (malloc'ed). If
 * `ret_output` is NULL they are inherited. Returns its exit status, 128 plus the signal's number if a signal ended it, or a
 * negative errno; if it could not be started, *ret_output is unchanged. */
int child_output(char *const *argv, char **ret_output);
/* If a signal ended the child, raises the same signal in this process; if that does not end it, returns 128 plus the signal's
 * number. Otherwise returns the child's exit status. */
int child_imitate(const siginfo_t *end);
/* Reports that `command` cannot be run. Returns the exit status that env(1) and nice(1) use in this case: 127 if it was not found,
 * otherwise 126. */
int child_refused(const char *program, const char *command, int error);

#endif
