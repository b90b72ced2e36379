/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* The kernel truncates the name to 15 bytes and a NUL (TASK_COMM_LEN). */
#define PROGRAM_NAME_MAX 16

/* Reads the name of a process (its comm) and replaces control characters in it. Returns 0; -ESRCH if the process has ended or /proc
 * hides it (ProtectProc=); or another negative errno. *ret is "" after an error. */
int program_name(pid_t pid, char ret[PROGRAM_NAME_MAX]);
/* Returns true for kernel threads, such as a kworker that handles an event of the firmware. */
bool program_is_kernel(pid_t pid);

#endif
