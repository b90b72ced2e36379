/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPS_H
#define CORE_APPS_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Programs that rules name by path: is one running? The kernel tells when exactly these files are executed (fanotify) and when a process
 * ends (pidfd); nothing else wakes the service, except that something is created in the folder of such a file.
 *
 * What holds:
 *   - a process counts from execve() to its end. One that executes another program afterwards counts on until then
 *   - a child without execve() does not count, but when the last counted one ends, /proc is searched for more: programs that go
 *     into the background stay
 *   - a script ("#!") counts when it is executed as a file, not as an argument ("python3 game.py"); scripts that already run when they
 *     are added are not found
 *   - symbolic links are followed; a rule names a file, so two links to one file are both running
 *   - a file that is replaced (upgrade) is followed by name; a missing one is waited for if its folder exists
 *   - at most APPS_PROCESSES_MAX are counted of one program
 */

struct apps;

#define APPS_PROCESSES_MAX 64

/* `exe` as given to apps_add(). Called when `running` changed, from the loop or from apps_add(). Must not call into apps. */
typedef void (*apps_callback)(const char *exe, uint32_t running, void *userdata);

/* 0; -EOPNOTSUPP where the kernel or a sandbox refuses fanotify: then *ret_why says so, for the rule's status. Others: -ENOMEM,
 * -EMFILE. */
int apps_new(sd_event *event, apps_callback callback, void *userdata, struct apps **ret, const char **ret_why);
struct apps *apps_free(struct apps *apps);

/* Starts to follow an absolute path, whose text must stay valid (it is interned in the configuration). 0 also when it was there;
 * -ENOENT: neither file nor folder exist, it is not followed; -EINVAL: a relative path, not followed, or not a regular file; after
 * that and any other error of the file itself it is followed all the same, and counts when a better one takes its place. */
int apps_add(struct apps *apps, const char *exe);
/* Forgets all programs, without callbacks. */
void apps_clear(struct apps *apps);

#endif
