/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sessions, and their end. An engine may report a session as broken from within any of its functions, so the session
 * is only closed in the next turn of the event loop. */

#include "core/sessions/sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/sessions/sessions-private.h"

/* The maximum number of samples that engines accept in one call, which is the size of a ring. */
#define REPORT_AT_ONCE 512U

/* -- reports of the engine -- */

static void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        struct sessions *sessions = userdata;

        if (sessions->n > 0)
                sessions_look_soon(sessions);
        if (sessions->committer.commit)
                sessions->committer.commit(demands, n, sessions->committer.userdata);
}

static void on_broken(uint32_t slot, const char *reason, void *userdata) {
        struct sessions *sessions = userdata;
        struct session *session = slot < SESSIONS_MAX ? sessions->slots[slot] : NULL;

        if (!session || session->end[0])
                return;
        (void) TEXT_FORMAT(session->end, "broken: %.*s", text_cut(reason, 100), reason);
        (void) sd_event_source_set_enabled(sessions->broken, SD_EVENT_ONESHOT);
}

static void on_engine_changed(void *userdata) {
        const struct sessions *sessions = userdata;

        for (const struct sessions_watcher *watcher = sessions->watchers; watcher; watcher = watcher->next)
                if (watcher->engine_changed)
                        watcher->engine_changed(watcher->userdata);
}

static int close_broken(sd_event_source *source, void *userdata) {
        struct sessions *sessions = userdata;
        char reason[sizeof(((struct session *) NULL)->end)];

        (void) source;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                struct session *session = sessions->slots[i];

                if (!session || !session->end[0])
                        continue;
                log_notice("Session %u of %s ends: %s", session->spec.cookie, session->application, session->end);
                memcpy(reason, session->end, sizeof(reason));
                sessions_close(session, reason);
        }
        return 0;
}

static int on_idle(sd_event_source *source, uint64_t usec, void *userdata) {
        struct sessions *sessions = userdata;
        uint64_t now = usec;

        (void) source;
        (void) sd_event_now(sessions->event, CLOCK_MONOTONIC, &now);
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i] && sessions_is_idle(sessions, sessions->slots[i], now))
                        sessions_close(sessions->slots[i], "stale");
        sessions_clock_update(sessions);
        return 0;
}

static void ignore_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        (void) demands, (void) n, (void) userdata;
}
static void ignore_broken(uint32_t slot, const char *reason, void *userdata) {
        (void) slot, (void) reason, (void) userdata;
}

/* -- creation and end of the table -- */

int sessions_new(sd_event *event, struct engine *engine, const struct session_limits *limits, const struct committer *committer,
                 struct sessions **ret) {
        struct sessions *sessions = calloc(1, sizeof(*sessions));
        int r;

        if (!sessions)
                return -ENOMEM;
        sessions->event = sd_event_ref(event);
        sessions->limits = *limits;
        sessions->committer = *committer;
        r = sessions_clock_new(sessions, on_idle);
        if (r >= 0)
                r = sd_event_add_defer(event, &sessions->broken, close_broken, sessions);
        if (r >= 0)
                r = sd_event_source_set_enabled(sessions->broken, SD_EVENT_OFF);
        if (r < 0) {
                (void) sessions_free(sessions);
                return r;
        }
        sessions->engine = engine;
        sessions->engine_listener = (struct engine_listener){ on_demands, on_broken, sessions, on_engine_changed };
        engine->listen(engine->userdata, &sessions->engine_listener);
        *ret = sessions;
        return 0;
}

struct sessions *sessions_free(struct sessions *sessions) {
        static const struct engine_listener none = { ignore_demands, ignore_broken, NULL, NULL };

        if (!sessions)
                return NULL;
        sessions_stop(sessions);
        if (sessions->engine)
                sessions->engine->listen(sessions->engine->userdata, &none);
        (void) sd_event_source_disable_unref(sessions->broken);
        (void) sd_event_source_disable_unref(sessions->look);
        (void) sd_event_source_disable_unref(sessions->idle);
        (void) sd_event_unref(sessions->event);
        free(sessions);
        return NULL;
}

void sessions_stop(struct sessions *sessions) {
        if (!sessions)
                return;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i])
                        sessions_close(sessions->slots[i], "service-stops");
}

void sessions_watch(struct sessions *sessions, struct sessions_watcher *watcher) {
        struct sessions_watcher **end = &sessions->watchers;

        while (*end)
                end = &(*end)->next;
        watcher->next = NULL;
        *end = watcher;
}

void sessions_unwatch(struct sessions *sessions, struct sessions_watcher *watcher) {
        for (struct sessions_watcher **at = &sessions->watchers; *at; at = &(*at)->next)
                if (*at == watcher) {
                        *at = watcher->next;
                        return;
                }
}

const struct engine *sessions_engine(const struct sessions *sessions) {
        return sessions->engine;
}

/* -- end of sessions -- */

void sessions_close(struct session *session, const char *reason) {
        struct sessions *sessions = session->sessions;

        log_debug("Session %u of %s ends: %s", session->spec.cookie, session->application, reason);
        for (const struct sessions_watcher *watcher = sessions->watchers; watcher; watcher = watcher->next)
                if (watcher->closed)
                        watcher->closed(session, reason, watcher->userdata);
        sessions->slots[session->spec.slot] = NULL;
        sessions->n--;
        sessions->engine->close(sessions->engine->userdata, session->spec.slot);
        (void) session_free(session);
        if (sessions->n == 0)
                sessions_clock_update(sessions);
}

void sessions_owner_gone(struct sessions *sessions, const char *owner, const char *reason) {
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i] && session_is_of(sessions->slots[i], owner))
                        sessions_close(sessions->slots[i], reason);
}

/* -- operations on one session -- */

struct session *sessions_find(const struct sessions *sessions, uint32_t cookie) {
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i] && sessions->slots[i]->spec.cookie == cookie)
                        return sessions->slots[i];
        return NULL;
}

struct session *sessions_next(const struct sessions *sessions, const struct session *after) {
        for (uint32_t i = after ? after->spec.slot + 1 : 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i])
                        return sessions->slots[i];
        return NULL;
}

/* `what` names the changed parameter in messages; the watchers receive `mask`. */
static int change(struct session *session, const struct session_spec *spec, const char *what, uint32_t mask, struct message *ret) {
        const struct sessions *sessions = session->sessions;
        int r = sessions->engine->change(sessions->engine->userdata, spec);

        if (r < 0)
                return message_error(ret, r, "The %s of session %u could not be changed: %s; the former setting stays in force",
                                     what, spec->cookie, strerror(-r));
        session->spec = *spec;
        sessions_publish(session, mask);
        return 0;
}

int sessions_change(struct session *session, uint32_t target_us, uint32_t permille, uint32_t window_us, struct message *ret) {
        struct session_spec spec = session->spec;
        int r;

        spec.target_us = target_us;
        spec.permille = permille;
        spec.window_us = window_us;
        session_spec_complete(&spec);
        r = session_spec_check(&spec, ret);
        return r < 0 ? r : change(session, &spec, "target", SESSION_CHANGED_TARGET, ret);
}

int sessions_set_threads(struct session *session, const uint32_t *threads, size_t n, struct message *ret) {
        struct session_spec spec = session->spec;
        int r = session_spec_set_threads(&spec, threads, n, ret);

        return r < 0 ? r : change(session, &spec, "threads", SESSION_CHANGED_THREADS, ret);
}

int sessions_report(struct session *session, const uint32_t *latencies_us, size_t n, size_t *ret_taken) {
        struct sessions *sessions = session->sessions;
        struct engine *engine = sessions->engine;

        *ret_taken = 0;
        sessions_look_soon(sessions);
        while (*ret_taken < n) {
                size_t some = MIN(n - *ret_taken, REPORT_AT_ONCE);
                int r = engine->report(engine->userdata, session->spec.slot, latencies_us + *ret_taken, some);

                if (r < 0)
                        return r;
                *ret_taken += (size_t) r;
                if ((size_t) r < some)
                        return -EBUSY;
        }
        return 0;
}

size_t sessions_cpus(const struct session *session, uint32_t *ret, size_t max) {
        const struct engine *engine = session->sessions->engine;

        return engine->cpus(engine->userdata, session->spec.slot, ret, max);
}
