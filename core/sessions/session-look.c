/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers of sessions: counters are read while any session is active, and sessions that have sent no sample for too long are
 * closed. */

#include <errno.h>

#include "base/cleanup.h"
#include "core/sessions/sessions-private.h"

#define LOOK_USEC          UINT64_C(250000)
#define LOOK_ACCURACY_USEC UINT64_C(50000)

void sessions_look(const struct session *session, struct session_counters *ret) {
        const struct engine *engine = session->sessions->engine;

        if (engine->look(engine->userdata, session->spec.slot, ret) < 0)
                *ret = session->counters;
}

static uint32_t difference(const struct session_counters *a, const struct session_counters *b) {
        return (a->samples != b->samples ? SESSION_CHANGED_SAMPLES : 0) |
               (a->violations != b->violations ? SESSION_CHANGED_VIOLATIONS : 0) |
               (a->invalid != b->invalid ? SESSION_CHANGED_INVALID : 0) |
               (a->estimate_us != b->estimate_us ? SESSION_CHANGED_ESTIMATE : 0) |
               (a->level != b->level ? SESSION_CHANGED_LEVEL : 0) | (a->delay_us != b->delay_us ? SESSION_CHANGED_DELAY : 0) |
               (a->active != b->active ? SESSION_CHANGED_ACTIVE : 0);
}

void sessions_publish(const struct session *session, uint32_t mask) {
        for (const struct sessions_watcher *watcher = session->sessions->watchers; watcher; watcher = watcher->next)
                if (watcher->changed)
                        watcher->changed(session, mask, watcher->userdata);
}

/* Reads the counters of a session and reports changes. Returns true if the session is active, and further readings are therefore
 * useful. */
static bool look_at(struct sessions *sessions, struct session *session) {
        struct session_counters counters;
        uint32_t changed;

        sessions_look(session, &counters);
        changed = difference(&session->counters, &counters);
        session->counters = counters;
        if (changed)
                sessions_publish(session, changed);
        return counters.active;
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata) {
        struct sessions *sessions = userdata;
        bool active = false;

        (void) source, (void) usec;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i] && look_at(sessions, sessions->slots[i]))
                        active = true;
        if (active)
                sessions_look_soon(sessions);
        return 0;
}

void sessions_look_soon(struct sessions *sessions) {
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(sessions->look, &enabled);
        if (enabled != SD_EVENT_OFF)
                return;
        (void) sd_event_source_set_time_relative(sessions->look, LOOK_USEC);
        (void) sd_event_source_set_enabled(sessions->look, SD_EVENT_ONESHOT);
}

/* Returns the time at which the session will have sent no sample for too long. If the application has set a stale time that is
 * longer than the configured limit, the stale time counts. */
static uint64_t idle_end(const struct sessions *sessions, const struct session *session) {
        uint64_t last = session->opened_usec, end;
        struct session_counters counters;

        sessions_look(session, &counters);
        last = MAX(last, counters.last_sample_ns / 1000);
        if (__builtin_add_overflow(last, MAX(sessions->limits.idle_max_usec, session->spec.stale_us), &end))
                return UINT64_MAX;
        return end;
}

static void wait_for_idle(struct sessions *sessions, uint64_t end) {
        (void) sd_event_source_set_time(sessions->idle, end);
        (void) sd_event_source_set_enabled(sessions->idle, SD_EVENT_ONESHOT);
}

bool sessions_is_idle(const struct sessions *sessions, const struct session *session, uint64_t now) {
        return idle_end(sessions, session) <= now;
}

void sessions_expect_idle(struct sessions *sessions, const struct session *session) {
        uint64_t end, next = UINT64_MAX;
        int enabled = SD_EVENT_OFF;

        if (sessions->limits.idle_max_usec == 0)
                return;
        end = idle_end(sessions, session);
        (void) sd_event_source_get_enabled(sessions->idle, &enabled);
        if (enabled != SD_EVENT_OFF)
                (void) sd_event_source_get_time(sessions->idle, &next);
        if (end < next)
                wait_for_idle(sessions, end);
}

void sessions_clock_update(struct sessions *sessions) {
        if (sessions->n == 0)
                (void) sd_event_source_set_enabled(sessions->look, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(sessions->idle, SD_EVENT_OFF);
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (sessions->slots[i])
                        sessions_expect_idle(sessions, sessions->slots[i]);
}

static int add_timer(struct sessions *sessions, sd_event_source **ret, uint64_t accuracy, sd_event_time_handler_t handler) {
        int r = sd_event_add_time(sessions->event, ret, CLOCK_MONOTONIC, 0, accuracy, handler, sessions);

        return r < 0 ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int sessions_clock_new(struct sessions *sessions, sd_event_time_handler_t on_idle) {
        int r = add_timer(sessions, &sessions->look, LOOK_ACCURACY_USEC, on_look);

        return r < 0 ? r : add_timer(sessions, &sessions->idle, LOOK_USEC, on_idle);
}
