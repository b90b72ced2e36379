/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns events of the kernel into callbacks, one for each cookie after each read of events. The files are not read here. Events are
 * first collected in a list of cookies; the callbacks run afterwards, so that they can call watch_add() and watch_clear(). The list
 * is bounded; if it overflows, a single callback with WATCH_EVERYTHING replaces it. */

#include "core/watch/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/watch/program.h"
#include "core/watch/watch-kernel.h"
#include "core/watch/watch-table.h"

/* Buffers for one read of 128 inotify events, or about 70 fanotify events. This is less than PENDING_MAX, unless files have several
 * cookies. */
#define BUFFER_SIZE     2048
#define BUFFER_FANOTIFY 4096
#define PENDING_MAX     256

struct pending {
        uint64_t cookie;
        pid_t who;
        char comm[PROGRAM_NAME_MAX];
};

struct watch {
        sd_event *event;
        int root_fd, fanotify_fd, inotify_fd;
        char *root_path;
        watch_callback callback;
        void *userdata;
        sd_event_source *fanotify_source, *inotify_source;
        struct watch_table table;
        struct pending writer; /* cache of the latest writer, since successive events often have the same writer */
        pid_t self;
        uint32_t n_inotify, n_pending;
        bool without_fanotify, limit_reported;
        struct pending pending[PENDING_MAX];
};

static void call_back(struct watch *watch) {
        while (watch->n_pending > 0) {
                struct pending pending = watch->pending[--watch->n_pending];

                watch->callback(watch, pending.cookie, pending.who, pending.comm, watch->userdata);
        }
}

/* Schedules a callback, which names the latest writer of the file. */
static void postpone(struct watch *watch, uint64_t cookie, const struct pending *writer) {
        uint32_t i = 0;

        while (i < watch->n_pending && watch->pending[i].cookie != cookie)
                i++;
        if (i == PENDING_MAX) {
                watch->n_pending = 1;
                watch->pending[0] = (struct pending){ .cookie = WATCH_EVERYTHING };
                return;
        }
        if (i < watch->n_pending && writer->who == 0)
                return;
        watch->pending[i] = *writer;
        watch->pending[i].cookie = cookie;
        if (i == watch->n_pending)
                watch->n_pending++;
}

static void look_up_writer(struct watch *watch, pid_t pid) {
        if (pid == watch->writer.who && pid != 0)
                return;
        watch->writer = (struct pending){ .who = pid };
        if (pid == 0)
                return;
        if (program_is_kernel(pid))
                watch->writer.who = 0;
        else
                (void) program_name(pid, watch->writer.comm);
}

static void take(struct watch *watch, const struct watch_event *event) {
        const struct watch_entry *entry;

        switch (event->kind) {
        case WATCH_CHANGED:
                entry = watch_table_key(&watch->table, event->key);
                if (!entry || event->pid == watch->self)
                        return;
                look_up_writer(watch, event->pid);
                for (; entry; entry = watch_table_key_next(&watch->table, entry))
                        postpone(watch, entry->cookie, &watch->writer);
                return;
        case WATCH_GONE:
                watch_table_drop_key(&watch->table, event->key);
                return;
        case WATCH_LOST:
                postpone(watch, WATCH_EVERYTHING, &(struct pending){});
                return;
        case WATCH_OTHER:
                return;
        }
}

static int fanotify_event(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        _Alignas(8) char buffer[BUFFER_FANOTIFY];
        struct watch *watch = userdata;
        ssize_t n = read(fd, buffer, sizeof(buffer));
        struct watch_event event;
        size_t offset = 0;

        (void) source, (void) revents;
        while (n > 0 && watch_fanotify_next(buffer, (size_t) n, &offset, &event))
                take(watch, &event);
        watch->writer.who = 0; /* at the next event, another process may have this ID */
        call_back(watch);
        return 0;
}

static void read_inotify(struct watch *watch) {
        _Alignas(8) char buffer[BUFFER_SIZE];
        ssize_t n = read(watch->inotify_fd, buffer, sizeof(buffer));
        struct watch_event event;
        size_t offset = 0;

        while (n > 0 && watch_inotify_next(buffer, (size_t) n, &offset, &event))
                take(watch, &event);
}

static int inotify_event(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        (void) source, (void) fd, (void) revents;
        read_inotify(userdata);
        call_back(userdata);
        return 0;
}

int watch_new(sd_event *event, int root_fd, const char *root_path, watch_callback callback, void *userdata, struct watch **ret) {
        struct watch *watch = calloc(1, sizeof(*watch));

        if (!watch)
                return -ENOMEM;
        watch->event = sd_event_ref(event);
        watch->root_fd = root_fd;
        watch->self = getpid();
        watch->fanotify_fd = watch->inotify_fd = -1;
        watch->callback = callback;
        watch->userdata = userdata;
        watch_table_init(&watch->table);
        watch->root_path = strdup(root_path);
        if (!watch->root_path) {
                (void) watch_free(watch);
                return -ENOMEM;
        }
        *ret = watch;
        return 0;
}

void watch_clear(struct watch *watch) {
        watch->fanotify_source = sd_event_source_disable_unref(watch->fanotify_source);
        watch->inotify_source = sd_event_source_disable_unref(watch->inotify_source);
        watch->fanotify_fd = close_fd(watch->fanotify_fd); /* drops all marks and queued events in one call */
        watch->inotify_fd = close_fd(watch->inotify_fd);
        watch_table_done(&watch->table);
        watch->n_pending = watch->n_inotify = 0;
        watch->limit_reported = false;
}

struct watch *watch_free(struct watch *watch) {
        if (!watch)
                return NULL;
        watch_clear(watch);
        (void) sd_event_unref(watch->event);
        free(watch->root_path);
        free(watch);
        return NULL;
}

/* Opens the descriptor at its first use and adds it to the event loop. */
static int attach(struct watch *watch, int (*open_it)(void), sd_event_io_handler_t handler, int *fd, sd_event_source **source) {
        int r;

        if (*fd >= 0)
                return 0;
        r = open_it();
        if (r < 0)
                return r;
        *fd = r;
        r = sd_event_add_io(watch->event, source, *fd, EPOLLIN, handler, watch);
        if (r < 0)
                *fd = close_fd(*fd);
        return r;
}

static int add_fanotify(struct watch *watch, const char *path, uint64_t *ret_key) {
        int r;

        if (watch->without_fanotify)
                return -EOPNOTSUPP;
        r = attach(watch, watch_fanotify_open, fanotify_event, &watch->fanotify_fd, &watch->fanotify_source);
        if (r < 0) {
                log_debug("fanotify is not available, so programs that change settings cannot be identified: %s",
                          strerrordesc_np(-r));
                watch->without_fanotify = true;
                return -EOPNOTSUPP;
        }
        return watch_fanotify_add(watch->fanotify_fd, watch->root_fd, path, ret_key);
}

static int add_inotify(struct watch *watch, const char *path, uint64_t *ret_key) {
        int r = attach(watch, watch_inotify_open, inotify_event, &watch->inotify_fd, &watch->inotify_source);

        if (r >= 0)
                r = watch_inotify_add(watch->inotify_fd, watch->root_path, path, ret_key);
        if (r >= 0)
                watch->n_inotify++;
        return r;
}

static int report_limit(struct watch *watch, const char *path) {
        if (!watch->limit_reported)
                (void) log_warning(
                        0,
                        "Cannot watch %s: the kernel's limit is reached (%u file%s watched; see fs.inotify.max_user_watches); "
                        "changes of further files by other programs will not be noticed",
                        path, watch->table.n, text_plural(watch->table.n));
        watch->limit_reported = true;
        return -ENOSPC;
}

int watch_add(struct watch *watch, const char *path, uint64_t cookie) {
        uint32_t path_hash = watch_hash(path, strlen(path));
        uint64_t key = 0, old;
        int r;

        if (cookie == WATCH_EVERYTHING)
                return -EINVAL;
        if (!attr_exists(watch->root_fd, path)) /* also fails for a path that leads outside the root */
                return -ENOENT;
        r = add_fanotify(watch, path, &key);
        if (r == -EOPNOTSUPP)
                r = add_inotify(watch, path, &key);
        if (r == -ENOSPC)
                return report_limit(watch, path);
        if (r < 0)
                return r;
        if (watch_table_replace(&watch->table, key, cookie, path_hash, &old) && watch_key_is_inotify(old))
                watch_inotify_remove(watch->inotify_fd, old);
        r = watch_table_add(&watch->table, key, cookie, path_hash);
        return r < 0 ? r : 0;
}

bool watch_knows_writers(const struct watch *watch) {
        return watch->fanotify_fd >= 0 && watch->n_inotify == 0;
}

size_t watch_count(const struct watch *watch) {
        return watch->table.n;
}

void watch_use_inotify(struct watch *watch) {
        watch->without_fanotify = true;
}
