/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSIONS_H
#define CORE_SESSIONS_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/sessions/engine.h"
#include "core/sessions/session.h"

/* All sessions of the service: limits of their number, their end, and notifications. An engine runs their policies; its demands are
 * passed to a committer. Counters are read periodically only while a session is active. */

struct sessions;

struct session_limits {
        uint32_t per_user;       /* root is limited only by SESSIONS_MAX */
        uint32_t per_connection; /* likewise */
        uint64_t idle_max_usec;  /* a session without a sample for this time, or for its stale time if that is longer, is closed; 0:
                                  never */
};

/* Notifications for the bus, called by the functions below and from the event loop. They must not call functions that open, close
 * or change sessions. */
#define SESSION_CHANGED_TARGET     UINT32_C(0x01)
#define SESSION_CHANGED_SAMPLES    UINT32_C(0x02)
#define SESSION_CHANGED_VIOLATIONS UINT32_C(0x04)
#define SESSION_CHANGED_INVALID    UINT32_C(0x08)
#define SESSION_CHANGED_ESTIMATE   UINT32_C(0x10)
#define SESSION_CHANGED_LEVEL      UINT32_C(0x20)
#define SESSION_CHANGED_DELAY      UINT32_C(0x40)
#define SESSION_CHANGED_ACTIVE     UINT32_C(0x80)
#define SESSION_CHANGED_THREADS    UINT32_C(0x100)
struct sessions_watcher {
        void (*opened)(const struct session *session, void *userdata);
        /* Called before the session is removed. Reasons: "closed", "owner-gone", "process-ended", "broken: ...", "stale", "quota",
         * "service-stops" */
        void (*closed)(const struct session *session, const char *reason, void *userdata);
        /* `mask` consists of SESSION_CHANGED_*; session->counters are those of the latest reading. Called at most four times a
         * second for each session, and at once after sessions_change() and sessions_set_threads(). */
        void (*changed)(const struct session *session, uint32_t mask, void *userdata);
        void *userdata;
        void (*engine_changed)(void *userdata); /* the rung or governor of the engine has changed */
        struct sessions_watcher *next;          /* private to core/sessions/ */
};

/* Creates the table and registers it as the listener of the engine. The caller keeps ownership of the engine, which must outlive
 * the table. Returns 0 and sets *ret, or a negative errno. */
int sessions_new(sd_event *event, struct engine *engine, const struct session_limits *limits, const struct committer *committer,
                 struct sessions **ret);
/* Closes the sessions that are still open, with the reason "service-stops", and stops listening to the engine. Accepts NULL. Always
 * returns NULL. */
struct sessions *sessions_free(struct sessions *sessions);
/* Closes all sessions with the reason "service-stops". To be called before the bus is closed. Accepts NULL. */
void sessions_stop(struct sessions *sessions);
/* Adds a watcher. Watchers are called in the order in which they were added. All callbacks may be NULL. The caller keeps ownership;
 * the watcher must exist until sessions_unwatch() or sessions_free(). */
void sessions_watch(struct sessions *sessions, struct sessions_watcher *watcher);
/* Does nothing for a watcher that was not added. */
void sessions_unwatch(struct sessions *sessions, struct sessions_watcher *watcher);
/* Sets new limits. If a user other than root has more sessions than per_user, closes the newest ones, with the reason "quota". */
void sessions_limit(struct sessions *sessions, const struct session_limits *limits);
const struct engine *sessions_engine(const struct sessions *sessions);

/* Opens a session with the spec (without slot and cookie), owner, application and uid of `template`. The caller closes
 * *ret_descriptors. Returns 0, or one of these errors with a sentence: -EINVAL out of range, -EDQUOT too many sessions, -EUSERS too
 * many sessions of this process, -ESRCH no such process, -EPERM the process belongs to another user or the kernel forbids the ring,
 * -ENOMEM, -ENOSPC, -EMFILE, -ENFILE no resources for a ring, -EBUSY try again, or another error of the engine. */
int sessions_open(struct sessions *sessions, const struct session *template, struct session **ret,
                  struct session_descriptors *ret_descriptors, struct message *ret_message);
/* Closes and frees the session. */
void sessions_close(struct session *session, const char *reason);
/* Closes all sessions of a bus name that has left the bus. `reason` is passed to the watchers. */
void sessions_owner_gone(struct sessions *sessions, const char *owner, const char *reason);

struct session *sessions_find(const struct sessions *sessions, uint32_t cookie);
/* Returns the session after `after`, the first one for NULL; NULL after the last one. */
struct session *sessions_next(const struct sessions *sessions, const struct session *after);
size_t sessions_count_owner(const struct sessions *sessions, const char *owner);

/* Sets a new target; window_us 0 is the default. Returns 0; or -EINVAL or an error of the engine, with a sentence in *ret. */
int sessions_change(struct session *session, uint32_t target_us, uint32_t permille, uint32_t window_us, struct message *ret);
/* Restricts the session to these threads of its process; n = 0: all. Returns 0; or, with a sentence in *ret, -EINVAL (too many
 * threads, or not of that process) or an error of the engine. */
int sessions_set_threads(struct session *session, const uint32_t *threads, size_t n, struct message *ret);
/* Passes latencies that did not arrive through the ring, oldest first. *ret_taken is the number that was accepted, even after an
 * error. Returns 0; -EBUSY: the ring is being read at the moment; or another error of the engine. */
int sessions_report(struct session *session, const uint32_t *latencies_us, size_t n, size_t *ret_taken);
/* Reads the counters. If the engine cannot provide them, *ret receives those of the last reading. */
void sessions_look(const struct session *session, struct session_counters *ret);
/* As cpus() of struct engine. */
size_t sessions_cpus(const struct session *session, uint32_t *ret, size_t max);

#endif
