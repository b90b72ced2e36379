/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs named by rules. Only their files and the folders of these are watched, and /proc is not polled. The kernel sends its
 * event when execve() opens the file; execve() may still fail after that. The process is counted at once. A timer, which is armed
 * only after such an event, then checks which of the newly counted processes really run the file, and drops the others. */

#include "core/watch/apps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/watch/process.h"

/* By this time execve() is expected to have ended. It usually takes much less than 10 ms, but more on a machine that swaps. */
#define VERIFY_USEC 200000
#define EVENTS_MAX  32 /* each event comes with an open descriptor */

/* A counted process and the file that it has executed. After an upgrade, this is no longer the file of the app. */
struct counted {
        struct process *process;
        dev_t device;
        ino_t inode;
        bool verified; /* its execve() has succeeded */
};

struct app {
        struct apps *apps;
        const char *path;
        char *real; /* `path` without symbolic links; NULL while the file does not exist */
        dev_t device;
        ino_t inode;
        bool script;
        uint32_t n;
        struct counted processes[APPS_PROCESSES_MAX];
};

struct apps {
        sd_event *event;
        apps_callback callback;
        void *userdata;
        int fanotify_fd, inotify_fd;
        sd_event_source *fanotify_source, *inotify_source, *verify_source;
        struct app **items;
        uint32_t n;
};

static void report(struct app *app, uint32_t before) {
        if (app->n != before)
                app->apps->callback(app->path, app->n, app->apps->userdata);
}

static void process_ended(struct process *process, void *userdata);

/* Counts a process without calling the callback. */
static void count(struct app *app, pid_t pid, bool verified) {
        if (app->n == APPS_PROCESSES_MAX || pid == getpid())
                return;
        for (uint32_t i = 0; i < app->n; i++)
                if (process_pid(app->processes[i].process) == pid)
                        return;
        app->processes[app->n] = (struct counted){ .device = app->device, .inode = app->inode, .verified = verified };
        if (process_new(app->apps->event, pid, process_ended, app, &app->processes[app->n].process) >= 0)
                app->n++;
}

static void count_running(pid_t pid, void *userdata) {
        count(userdata, pid, true);
}

static void scan(struct app *app) {
        if (app->real && !app->script)
                (void) process_scan(app->device, app->inode, count_running, app);
}

static void uncount(struct app *app, uint32_t i) {
        (void) process_free(app->processes[i].process);
        app->processes[i] = app->processes[--app->n];
        if (app->n == 0)
                scan(app);
}

static void process_ended(struct process *process, void *userdata) {
        struct app *app = userdata;
        uint32_t before = app->n, i = 0;

        while (app->processes[i].process != process)
                i++;
        uncount(app, i);
        report(app, before);
}

static int verify(sd_event_source *source, uint64_t usec, void *userdata) {
        struct apps *apps = userdata;

        (void) source, (void) usec;
        for (uint32_t i = 0; i < apps->n; i++) {
                struct app *app = apps->items[i];
                uint32_t before = app->n;

                for (uint32_t j = app->n; j > 0; j--) {
                        struct counted *c = &app->processes[j - 1];

                        c->verified = c->verified || process_runs(process_pid(c->process), c->device, c->inode);
                        if (!c->verified)
                                uncount(app, j - 1);
                }
                report(app, before);
        }
        return 0;
}

/* Each event postpones the check, so that the latest execve() also has enough time. */
static void verify_soon(struct apps *apps) {
        (void) sd_event_source_set_time_relative(apps->verify_source, VERIFY_USEC);
        (void) sd_event_source_set_enabled(apps->verify_source, SD_EVENT_ONESHOT);
}

static void executed(struct apps *apps, int fd, pid_t pid) {
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return;
        for (uint32_t i = 0; i < apps->n; i++) {
                struct app *app = apps->items[i];
                uint32_t before = app->n;

                if (!app->real || app->inode != st.st_ino || app->device != st.st_dev)
                        continue;
                app->script = process_file_is_script(fd); /* when the file appeared, it may still have been empty */
                count(app, pid, app->script);
                if (app->n == 0) /* the process has ended already but may have left a child */
                        scan(app);
                report(app, before);
        }
        verify_soon(apps);
}

static void scan_all(struct apps *apps) {
        for (uint32_t i = 0; i < apps->n; i++) {
                uint32_t before = apps->items[i]->n;

                scan(apps->items[i]);
                report(apps->items[i], before);
        }
}

static int fanotify_event(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct fanotify_event_metadata events[EVENTS_MAX];
        ssize_t n = read(fd, events, sizeof(events));
        struct apps *apps = userdata;

        (void) source, (void) revents;
        for (ssize_t i = 0; n > 0 && i < n / (ssize_t) sizeof(*events); i++) {
                if (events[i].mask & FAN_Q_OVERFLOW)
                        scan_all(apps);
                else
                        executed(apps, events[i].fd, events[i].pid);
                (void) close_fd(events[i].fd);
        }
        return 0;
}

/* Watches the folder of a path for files that are created in it. Adding the same folder again has no effect. */
static int watch_folder(struct apps *apps, const char *path) {
        const char *slash = strrchr(path, '/');
        char folder[PATH_MAX];

        if (TEXT_FORMAT(folder, "%.*s", slash == path ? 1 : (int) (slash - path), path) < 0)
                return -ENAMETOOLONG;
        return inotify_add_watch(apps->inotify_fd, folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0 ? -errno : 0;
}

/* Marks the file of the path, unless it is marked already. The path may lead through folders of another user, so nothing but a
 * regular file is opened: opening a device can have effects. */
static int mark(struct app *app) {
        _cleanup_close_ int path_fd = open(app->path, O_PATH | O_CLOEXEC), fd = -1;
        uint32_t before = app->n;
        char by_fd[32];
        struct stat st;

        if (path_fd < 0 || fstat(path_fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (app->real && app->device == st.st_dev && app->inode == st.st_ino)
                return 0;
        (void) TEXT_FORMAT(by_fd, "/proc/self/fd/%d", path_fd);
        if (fanotify_mark(app->apps->fanotify_fd, FAN_MARK_ADD, FAN_OPEN_EXEC, AT_FDCWD, by_fd) < 0)
                return -errno;
        fd = open(by_fd, O_RDONLY | O_CLOEXEC);
        free(app->real);
        app->real = realpath(app->path, NULL);
        app->device = st.st_dev;
        app->inode = st.st_ino;
        app->script = fd >= 0 && process_file_is_script(fd);
        if (!app->real)
                return -errno;
        (void) watch_folder(app->apps, app->real);
        scan(app);
        report(app, before);
        return 0;
}

static bool same_name(const char *path, const char *name) {
        return path && text_equal(strrchr(path, '/') + 1, name);
}

static int inotify_event(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        _Alignas(8) char buffer[sizeof(struct inotify_event) + NAME_MAX + 1];
        const struct inotify_event *event;
        ssize_t n = read(fd, buffer, sizeof(buffer));
        struct apps *apps = userdata;

        (void) source, (void) revents;
        for (char *p = buffer; n > 0 && p < buffer + n; p += sizeof(*event) + event->len) {
                event = (const void *) p;
                for (uint32_t i = 0; i < apps->n; i++) {
                        struct app *app = apps->items[i];

                        if (event->len == 0 || same_name(app->path, event->name) || same_name(app->real, event->name))
                                (void) mark(app);
                }
        }
        return 0;
}

static int start(struct apps *apps) {
        int r;

        apps->fanotify_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY | O_CLOEXEC | O_LARGEFILE);
        if (apps->fanotify_fd < 0)
                return errno == EMFILE || errno == ENOMEM ? -errno : -EOPNOTSUPP;
        apps->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (apps->inotify_fd < 0)
                return -errno;
        r = sd_event_add_io(apps->event, &apps->fanotify_source, apps->fanotify_fd, EPOLLIN, fanotify_event, apps);
        if (r >= 0)
                r = sd_event_add_io(apps->event, &apps->inotify_source, apps->inotify_fd, EPOLLIN, inotify_event, apps);
        if (r >= 0)
                r = sd_event_add_time(apps->event, &apps->verify_source, CLOCK_MONOTONIC, 0, 0, verify, apps);
        return r < 0 ? r : sd_event_source_set_enabled(apps->verify_source, SD_EVENT_OFF);
}

int apps_new(sd_event *event, apps_callback callback, void *userdata, struct apps **ret, const char **ret_why) {
        struct apps *apps = calloc(1, sizeof(*apps));
        int r;

        if (!apps)
                return -ENOMEM;
        apps->event = sd_event_ref(event);
        apps->callback = callback;
        apps->userdata = userdata;
        apps->fanotify_fd = apps->inotify_fd = -1;
        r = start(apps);
        if (r < 0) {
                if (r == -EOPNOTSUPP)
                        *ret_why = errno == EPERM ? "fanotify is not permitted (no CAP_SYS_ADMIN, as in a container or sandbox)" :
                                                    "this kernel has no fanotify";
                (void) apps_free(apps);
                return r;
        }
        *ret = apps;
        return 0;
}

int apps_add(struct apps *apps, const char *exe) {
        struct app *app, **items;
        int r;

        if (exe[0] != '/')
                return -EINVAL;
        for (uint32_t i = 0; i < apps->n; i++)
                if (text_equal(apps->items[i]->path, exe))
                        return 0;
        r = watch_folder(apps, exe); /* before mark(), so that no file is missed that is created between the two calls */
        if (r < 0)
                return r;
        items = reallocarray(apps->items, apps->n + 1, sizeof(*items));
        app = calloc(1, sizeof(*app));
        apps->items = items ? items : apps->items;
        if (!items || !app) {
                free(app);
                return -ENOMEM;
        }
        *app = (struct app){ .apps = apps, .path = exe };
        apps->items[apps->n++] = app;
        r = mark(app);
        return r == -ENOENT ? 0 : r;
}

static void app_free(struct app *app) {
        for (uint32_t i = 0; i < app->n; i++)
                (void) process_free(app->processes[i].process);
        if (app->real)
                (void) fanotify_mark(app->apps->fanotify_fd, FAN_MARK_REMOVE, FAN_OPEN_EXEC, AT_FDCWD, app->real);
        free(app->real);
        free(app);
}

struct apps *apps_free(struct apps *apps) {
        if (!apps)
                return NULL;
        while (apps->n > 0)
                app_free(apps->items[--apps->n]);
        free(apps->items);
        (void) sd_event_source_disable_unref(apps->fanotify_source);
        (void) sd_event_source_disable_unref(apps->inotify_source);
        (void) sd_event_source_disable_unref(apps->verify_source);
        (void) close_fd(apps->fanotify_fd);
        (void) close_fd(apps->inotify_fd);
        (void) sd_event_unref(apps->event);
        free(apps);
        return NULL;
}
