/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSIONS_PRIVATE_H
#define CORE_SESSIONS_PRIVATE_H

/* The body of core/sessions/sessions.h, shared by sessions.c (the whole, and ends), session-open.c (beginnings), session-quota.c (who may
 * have how many) and session-look.c (what the clock brings). */

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
        sd_event_source *broken; /* closes what the engine declared broken */
        sd_event_source *look, *idle;
};

/* session-quota.c: -EDQUOT with a sentence when the owner of `template` has enough. */
int sessions_check_quota(const struct sessions *sessions, const struct session *template, struct message *ret);

/* session-look.c */
/* Calls the watchers; `mask` of SESSION_CHANGED_*. */
void sessions_publish(const struct session *session, uint32_t mask);
/* `on_idle` is called when the first session may have been silent for too long, with `sessions`. */
int sessions_clock_new(struct sessions *sessions, sd_event_time_handler_t on_idle);
/* Whether this one has been, at this time (CLOCK_MONOTONIC, microseconds). */
bool sessions_is_idle(const struct sessions *sessions, const struct session *session, uint64_t now);
/* Something happened: look at the counters soon, and on while any session is active. */
void sessions_look_soon(struct sessions *sessions);
/* A session was opened: it will be idle one day. */
void sessions_expect_idle(struct sessions *sessions, const struct session *session);
/* Sets all timers after sessions went or limits came. */
void sessions_clock_update(struct sessions *sessions);

#endif
