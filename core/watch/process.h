/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* Finds the processes that run a given file, and reports when one of them ends. */

struct process;

typedef void (*process_end)(struct process *process, void *userdata);

/* Returns true if the process runs the file with this device and inode number. Returns false also if /proc hides the process. */
bool process_runs(pid_t pid, dev_t device, ino_t inode);
/* Calls `each` for every process that runs the file, in one pass over /proc. Kernel threads and zombies run no file. Returns 0 or a
 * negative errno. */
int process_scan(dev_t device, ino_t inode, void (*each)(pid_t pid, void *userdata), void *userdata);

/* Returns true if the open file is a script. Its processes run the interpreter, so process_runs() and process_scan() do not find
 * them. */
bool process_file_is_script(int fd);

/* Follows a process by a pidfd, so that a later process with the same ID is not mistaken for it. `end` is called once, when the
 * process ends, and may free the object. Returns 0; -ESRCH if the process has ended already; or another negative errno. */
int process_new(sd_event *event, pid_t pid, process_end end, void *userdata, struct process **ret);
struct process *process_free(struct process *process);
pid_t process_pid(const struct process *process);

#endif
