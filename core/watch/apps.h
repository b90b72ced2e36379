/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPS_H
#define CORE_APPS_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Detects whether the programs that rules name by path are running. The kernel reports when one of these files is executed
 * (fanotify) and when a process ends (pidfd). The only other event that wakes the service is the creation of a file in the folder
 * of such a program.
 *
 * Rules of counting:
 *   - A process counts from its execve() to its end, even if it executes another program in between.
 *   - A child that does not call execve() does not count. However, when the last counted process ends, /proc is searched for other
 *     processes of the program, so that a program that forks into the background still counts.
 *   - A script ("#!") counts when it is executed as a file, not when it is an argument ("python3 game.py"). Scripts that
 *     are already running when they are added are not found.
 *   - Symbolic links are followed. If two rules name different links to one file, the programs of both count as running.
 *   - If a file is replaced (by an upgrade), the new file counts. If a file is missing, it counts once it appears, provided that
 *     its folder exists already.
 *   - At most APPS_PROCESSES_MAX processes of one program are counted.
 */

struct apps;

#define APPS_PROCESSES_MAX 64

/* Called when `running`, the number of processes, has changed: from the event loop or during apps_add(). `exe` is the pointer that
 * was passed to apps_add(). The callback must not call any function of this header. */
typedef void (*apps_callback)(const char *exe, uint32_t running, void *userdata);

/* Returns 0; -EOPNOTSUPP if the kernel does not have or permit fanotify, with the reason in *ret_why for the status of the rule;
 * -ENOMEM, -EMFILE or another negative errno. */
int apps_new(sd_event *event, apps_callback callback, void *userdata, struct apps **ret, const char **ret_why);
/* Stops following all programs, without callbacks. Returns NULL. */
struct apps *apps_free(struct apps *apps);

/* Starts to follow an absolute path. The text must stay valid (it is interned in the configuration). Returns 0, also when the path
 * was added before; -ENOENT when neither the file nor its folder exists, -EINVAL for a relative path: in these cases the path is
 * not followed. After -EINVAL for a path that is not a regular file, or another error of the file itself, the path is still
 * followed: a valid file that replaces it later counts. */
int apps_add(struct apps *apps, const char *exe);

#endif
