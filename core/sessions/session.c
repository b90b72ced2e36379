/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One session as a record. It refuses targets that no policy is made for, and texts of unbounded length. A client that
 * gives no name gets that of its program, which is a hint for people and nothing else. */

#include "core/sessions/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/watch/process.h"
#include "core/watch/program.h"

void session_spec_complete(struct session_spec *spec) {
        if (spec->window_us == 0)
                spec->window_us = SESSION_WINDOW_DEFAULT_US;
        if (spec->stale_us == 0)
                spec->stale_us = SESSION_STALE_DEFAULT_US;
}

int session_spec_check(const struct session_spec *spec, struct message *ret) {
        const struct {
                const char *what, *unit;
                uint32_t value, min, max;
        } ranges[] = {
                { "target", " us", spec->target_us, SESSION_TARGET_MIN_US, SESSION_TARGET_MAX_US },
                { "percentile", " permille", spec->permille, SESSION_PERMILLE_MIN, SESSION_PERMILLE_MAX },
                { "window", " us", spec->window_us, SESSION_WINDOW_MIN_US, SESSION_WINDOW_MAX_US },
                { "stale time", " us", spec->stale_us, SESSION_STALE_MIN_US, SESSION_STALE_MAX_US },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
                if (ranges[i].value < ranges[i].min || ranges[i].value > ranges[i].max)
                        return message_error(ret, -EINVAL, "A session's %s is %u to %u%s; got %u", ranges[i].what, ranges[i].min,
                                              ranges[i].max, ranges[i].unit, ranges[i].value);
        return 0;
}

static bool is_thread(pid_t tgid, uint32_t tid) {
        char path[48];

        return TEXT_FORMAT(path, "/proc/%d/task/%u", (int) tgid, tid) >= 0 && access(path, F_OK) >= 0;
}

int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret) {
        if (n > SESSION_THREADS_MAX)
                return message_error(ret, -EINVAL, "A session follows up to %d threads, or all of its process; got %zu",
                                      SESSION_THREADS_MAX, n);
        for (size_t i = 0; i < n; i++)
                if (!is_thread(spec->tgid, threads[i]))
                        return message_error(ret, -EINVAL,
                                              "Process %d has no thread %u: a session follows threads of the process that opened it, "
                                              "by the numbers that gettid() gives outside of containers",
                                              (int) spec->tgid, threads[i]);
        for (size_t i = 0; i < n; i++)
                spec->threads[i] = (pid_t) threads[i];
        spec->n_threads = (uint32_t) n;
        return 0;
}

static char *copy_application(const struct session *template) {
        const char *application = template->application ? template->application : "";
        char name[PROGRAM_NAME_MAX];

        if (!application[0] && program_name(template->spec.tgid, name) >= 0)
                application = name;
        return strndup(application, (size_t) text_cut(application, SESSION_TEXT_MAX));
}

int session_new(const struct session *template, struct session **ret) {
        struct session *session = calloc(1, sizeof(*session));

        if (!session)
                return -ENOMEM;
        session->spec = template->spec;
        session->uid = template->uid;
        session->owner = strdup(template->owner);
        session->application = copy_application(template);
        if (!session->owner || !session->application) {
                (void) session_free(session);
                return -ENOMEM;
        }
        *ret = session;
        return 0;
}

struct session *session_free(struct session *session) {
        if (!session)
                return NULL;
        (void) process_free(session->process);
        free(session->owner);
        free(session->application);
        free(session);
        return NULL;
}
