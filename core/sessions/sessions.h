/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSIONS_H
#define CORE_SESSIONS_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/sessions/engine.h"
#include "core/sessions/session.h"

/*
 * All sessions of the service: who may have how many, when they end, and what is told of them. An engine does the rest; what it
 * says about CPUs goes to a committer. While no session is active nothing here wakes the service.
 */

struct sessions;

struct session_limits {
        uint32_t per_user;       /* root has none but SESSIONS_MAX */
        uint32_t per_connection; /* likewise */
        uint64_t idle_max_usec;  /* a session without a sample for so long is closed; 0 never */
};

/* What the bus is told. Called from within functions below and from the loop; must not call functions that open, close or
 * change. */
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
        /* Before it is taken out. Reasons: "closed", "owner-gone", "process-ended", "broken: ...", "stale", "quota",
         * "service-stops" */
        void (*closed)(const struct session *session, const char *reason, void *userdata);
        /* SESSION_CHANGED_*; session->counters are new. At most four times a second and session, and at once after
         * sessions_change() and sessions_set_threads(). */
        void (*changed)(const struct session *session, uint32_t mask, void *userdata);
        void *userdata;
        void (*engine_changed)(void *userdata); /* its rung or governor */
        struct sessions_watcher *next;          /* the sessions' */
};

/* Registers itself as the engine's listener. The engine must outlive the sessions, and is not theirs. 0 and *ret, or negative
 * errno. */
int sessions_new(sd_event *event, struct engine *engine, const struct session_limits *limits, const struct committer *committer,
                 struct sessions **ret);
/* Closes what is still open and listens to the engine no more. Takes NULL, returns NULL. */
struct sessions *sessions_free(struct sessions *sessions);
/* Closes all: "service-stops". To be called while the bus still stands. Takes NULL. */
void sessions_stop(struct sessions *sessions);
/* From now on the watcher is called, after those that were added before it. All callbacks may be NULL. It stays the caller's, and must be there until
 * sessions_unwatch() or sessions_free(). */
void sessions_watch(struct sessions *sessions, struct sessions_watcher *watcher);
/* A watcher that was not added is left alone. */
void sessions_unwatch(struct sessions *sessions, struct sessions_watcher *watcher);
/* New limits; the youngest sessions beyond them are closed: "quota". */
void sessions_limit(struct sessions *sessions, const struct session_limits *limits);
const struct engine *sessions_engine(const struct sessions *sessions);

/* Opens one as `template` says: spec without slot and cookie, owner, application, uid. *ret_descriptors are the caller's to
 * close. A sentence in every case of: -EINVAL out of range, -EDQUOT too many, -EUSERS too many of this process, -ESRCH no such
 * process, -EPERM the process is another user's or the kernel forbids the ring, -ENOMEM, -ENOSPC, -EMFILE, -ENFILE nothing left to
 * make a ring of, -EBUSY try again, others of the engine. */
int sessions_open(struct sessions *sessions, const struct session *template, struct session **ret,
                  struct session_descriptors *ret_descriptors, struct message *ret_message);
/* Frees the session. */
void sessions_close(struct session *session, const char *reason);
/* All sessions of a bus name that left: "owner-gone"; or that cannot be watched: "quota". */
void sessions_owner_gone(struct sessions *sessions, const char *owner, const char *reason);

struct session *sessions_find(const struct sessions *sessions, uint32_t cookie);
/* Walks: the first after NULL, NULL after the last. */
struct session *sessions_next(const struct sessions *sessions, const struct session *after);
size_t sessions_count_owner(const struct sessions *sessions, const char *owner);

/* A new target; 0 for window_us is the default. -EINVAL with a sentence, or what the engine says. */
int sessions_change(struct session *session, uint32_t target_us, uint32_t permille, uint32_t window_us, struct message *ret);
/* Only these threads of its process count from now on; n = 0: all. -EINVAL, with a sentence: too many, or not a thread of that process;
 * or what the engine says. */
int sessions_set_threads(struct session *session, const uint32_t *threads, size_t n, struct message *ret);
/* Latencies that did not come through the ring, oldest first. *ret_taken of them were taken, also on failure. -EBUSY: the ring is
 * being read this moment; others of the engine. */
int sessions_report(struct session *session, const uint32_t *latencies_us, size_t n, size_t *ret_taken);
/* The counters now; those of the last look where the engine has none. */
void sessions_look(const struct session *session, struct session_counters *ret);
/* As the engine's cpus(). */
size_t sessions_cpus(const struct session *session, uint32_t *ret, size_t max);

#endif
