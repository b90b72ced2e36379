/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "core/decide/request.h"
#include "core/sessions/engine.h"

/* A session: an application that reports latencies against a target. This structure has its parameters and its owner;
 * core/sessions/sessions.h opens and closes sessions. */

/* Maximum length of the application name in bytes; longer names are truncated at a UTF-8 boundary. */
#define SESSION_TEXT_MAX REQUEST_TEXT_MAX

struct sessions;
struct process;

/* Kinds of owners. A session ends with its owner, and in any case with its process. */
enum owner_kind {
        OWNER_BUS,    /* a connection to the bus: `owner` is its unique name */
        OWNER_CONFIG, /* the configuration; closed by sessions_close(). Not used yet */
};

struct session {
        struct session_spec spec; /* tgid: the process that opened it */
        enum owner_kind owner_kind;
        char *owner;
        char *application; /* name given by the application, otherwise the name of its program */
        uid_t uid;
        uint64_t opened_usec;             /* CLOCK_MONOTONIC */
        struct session_counters counters; /* as of the latest reading */

        /* the rest is private to core/sessions/ */
        struct sessions *sessions;
        struct process *process; /* the end of this process ends the session */
        char end[128];           /* the reason if the session is closed in the next turn of the event loop, "" otherwise */
};

/* Returns true if the owner is this connection to the bus. */
bool session_is_of(const struct session *session, const char *bus_name);

/* Creates a session from the spec, owner, application and uid of `template`. Returns 0 and sets *ret, or -ENOMEM. */
int session_new(const struct session *template, struct session **ret);
struct session *session_free(struct session *session);

#endif
