/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/* As the kernel cuts it: 15 bytes and NUL (TASK_COMM_LEN). */
#define PROGRAM_NAME_MAX 16

/* Name of a running program (its comm), without control characters. 0; -ESRCH when it has ended, -EACCES when /proc hides it
 * (ProtectProc=); *ret is "" on error. */
int program_name(pid_t pid, char ret[PROGRAM_NAME_MAX]);
/* True for threads of the kernel itself: a kworker that passes on a firmware event is not a program. */
bool program_is_kernel(pid_t pid);

#endif
