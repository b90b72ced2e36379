/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSIONS_PRIVATE_H
#define CORE_SESSIONS_PRIVATE_H

/* The private part of core/sessions/sessions.h, shared by sessions.c (the table of sessions, and their end), session-open.c (their
 * beginning), session-quota.c (limits of their number) and session-look.c (timers). */

#include "core/sessions/sessions.h"

struct sessions {
        sd_event *event;
        struct engine *engine;
        struct engine_listener engine_listener;
        struct committer committer;
        struct sessions_watcher *watchers;
        struct session_limits limits;
        struct session *slots[SESSIONS_MAX];
        uint32_t n, last_cookie, next_slot;
        sd_event_source *broken; /* closes sessions that the engine reported as broken */
        sd_event_source *look, *idle;
};

/* In session-quota.c. Returns 0, or -EDQUOT with a sentence in *ret if no further session of the owner of `template` is allowed. */
int sessions_check_quota(const struct sessions *sessions, const struct session *template, struct message *ret);

/* The functions below are in session-look.c. */

/* Notifies the watchers. `mask` consists of SESSION_CHANGED_*. */
void sessions_publish(const struct session *session, uint32_t mask);
/* Creates the timers. `on_idle` is called, with `sessions` as userdata, when a session may have sent no sample for too long
 * (session_limits.idle_max_usec). Returns 0 or a negative errno. */
int sessions_clock_new(struct sessions *sessions, sd_event_time_handler_t on_idle);
/* Returns true if this session has sent no sample for too long at `now` (CLOCK_MONOTONIC, microseconds). To be called only if
 * idle_max_usec is not 0. */
bool sessions_is_idle(const struct sessions *sessions, const struct session *session, uint64_t now);
/* To be called after an event: schedules a reading of the counters, which repeats as long as any session is active. */
void sessions_look_soon(struct sessions *sessions);
/* To be called after a session was opened: ensures that on_idle() is called when it has sent no sample for too long, if there is
 * such a limit. */
void sessions_expect_idle(struct sessions *sessions, const struct session *session);
/* Updates all timers. To be called after sessions were closed or limits have changed. */
void sessions_clock_update(struct sessions *sessions);

#endif
