/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* Size of the name, to which the kernel truncates it: 15 bytes and NUL (TASK_COMM_LEN). */
#define PROGRAM_NAME_MAX 16

/* Reads the name of a running program (its comm), without control characters. Returns 0; -ESRCH when the process has ended, -EACCES
 * when /proc hides it (ProtectProc=). *ret is "" after an error. */
int program_name(pid_t pid, char ret[PROGRAM_NAME_MAX]);
/* Returns true for kernel threads: a kworker that forwards a firmware event is not a program. */
bool program_is_kernel(pid_t pid);

#endif
