/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPS_H
#define CORE_APPS_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Detects whether the programs that rules name by path are running. The kernel reports when one of these files is executed
 * (fanotify) and when a process ends (pidfd). Apart from that, only the creation of a file in the folder of such a program wakes
 * the service.
 *
 * Rules of counting:
 *   - A process counts from execve() to its end, even if it executes another program in between.
 *   - A child that does not call execve() does not count. However, when the last counted process ends, /proc is searched for
 *     others, so that programs that move to the background are still counted.
 *   - A script ("#!") counts when it is executed as a file, not when it is an argument ("python3 game.py"). Scripts that
 *     are already running when they are added are not found.
 *   - Symbolic links are followed. A rule names a file, so if two links lead to one file, both count as running.
 *   - A file that is replaced (upgrade) is followed by its name. A missing file is waited for if its folder exists.
 *   - At most APPS_PROCESSES_MAX processes of one program are counted.
 */

struct apps;

#define APPS_PROCESSES_MAX 64

/* Called when `running`, the number of processes, has changed; from the event loop or from within apps_add(). `exe` is the pointer
 * that was passed to apps_add(). Must not call any function of this header. */
typedef void (*apps_callback)(const char *exe, uint32_t running, void *userdata);

/* Returns 0; -EOPNOTSUPP if the kernel or a sandbox denies fanotify, with the reason in *ret_why for the status of the rule;
 * -ENOMEM, -EMFILE. */
int apps_new(sd_event *event, apps_callback callback, void *userdata, struct apps **ret, const char **ret_why);
struct apps *apps_free(struct apps *apps);

/* Starts to follow an absolute path. The text must stay valid (it is interned in the configuration). Returns 0, also when the path
 * was added before; -ENOENT when neither the file nor its folder exists, -EINVAL for a relative path: in these cases the path is
 * not followed. After -EINVAL for something that is not a regular file, and after any other error of the file itself, the path is
 * followed, and a valid file that replaces it later counts. */
int apps_add(struct apps *apps, const char *exe);
/* Stops following all programs, without callbacks. */
void apps_clear(struct apps *apps);

#endif
