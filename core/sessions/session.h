/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "core/decide/request.h"
#include "core/sessions/engine.h"

/* A session: an application that reports latency against a target. What it asks for, whose it is, and which targets make sense;
 * core/sessions/sessions.h keeps them alive. */

/* Longest application text that is kept, in bytes; longer ones are cut at a UTF-8 boundary. */
#define SESSION_TEXT_MAX REQUEST_TEXT_MAX

struct sessions;
struct process;

/* Whose end is the end of a session, beside that of its process. */
enum owner_kind {
        OWNER_BUS,    /* a connection to the bus: `owner` is its unique name */
        OWNER_CONFIG, /* the configuration, which closes it by sessions_close() */
};

struct session {
        struct session_spec spec; /* tgid: the process that opened it */
        enum owner_kind owner_kind;
        char *owner;
        char *application; /* as it calls itself, else the program's name */
        uid_t uid;
        uint64_t opened_usec;             /* CLOCK_MONOTONIC */
        struct session_counters counters; /* as of the last look */

        /* of core/sessions/sessions.c only */
        struct sessions *sessions;
        struct process *process; /* its end is the session's */
        char end[128];           /* why it will be closed in a moment, "" it will not */
};

/* The owner is this connection to the bus. */
bool session_is_of(const struct session *session, const char *bus_name);

/* A copy of spec, owner, application and uid. 0 and *ret, or -ENOMEM. */
int session_new(const struct session *template, struct session **ret);
struct session *session_free(struct session *session);

#endif
