/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* Processes that run one file, and their ends. */

struct process;

typedef void (*process_end)(struct process *process, void *userdata);

/* True if the process runs the file with this device and inode number now. False, too, where /proc hides it. */
bool process_runs(pid_t pid, dev_t device, ino_t inode);
/* Calls `each` for every such process; one walk through /proc. Threads of the kernel and zombies run no file. */
int process_scan(dev_t device, ino_t inode, void (*each)(pid_t pid, void *userdata), void *userdata);

/* True for scripts: their processes run the interpreter, so that process_runs() and process_scan() find none. */
bool process_file_is_script(const char *path);

/* Follows a process by a pidfd, so that a reused number is no danger. `end` is called once, at its end, and may free it.
 * 0; -ESRCH when it has ended; -EMFILE and the like. */
int process_new(sd_event *event, pid_t pid, process_end end, void *userdata, struct process **ret);
struct process *process_free(struct process *process);
pid_t process_pid(const struct process *process);

#endif
