/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "core/decide/request.h"
#include "core/sessions/engine.h"

/* A session: an application that reports latency against a target. What it asks for, whose it is, and which targets make sense;
 * core/sessions/sessions.h keeps them alive. */

/* As in bpf/policy.h, which the core does not include; tests/unit/test-session-rules.c compares the two. */
#define SESSION_TARGET_MIN_US     1U
#define SESSION_TARGET_MAX_US     60000000U
#define SESSION_PERMILLE_MIN      500U
#define SESSION_PERMILLE_MAX      999U
#define SESSION_WINDOW_MIN_US     1000U
#define SESSION_WINDOW_MAX_US     60000000U
#define SESSION_WINDOW_DEFAULT_US 100000U
#define SESSION_STALE_MIN_US      1000U
#define SESSION_STALE_MAX_US      600000000U
#define SESSION_STALE_DEFAULT_US  1000000U

/* Longest application text that is kept, in bytes; longer ones are cut at a UTF-8 boundary. */
#define SESSION_TEXT_MAX REQUEST_TEXT_MAX

struct sessions;
struct process;

struct session {
        struct session_spec spec; /* tgid: the process that opened it */
        char *owner;              /* unique bus name */
        char *application;        /* as it calls itself, else the program's name */
        uid_t uid;
        uint64_t opened_usec;             /* CLOCK_MONOTONIC */
        struct session_counters counters; /* as of the last look */

        /* of core/sessions/sessions.c only */
        struct sessions *sessions;
        struct process *process; /* its end is the session's */
        char end[128];           /* why it will be closed in a moment, "" it will not */
};

/* 0 for window or stale time becomes the default. */
void session_spec_complete(struct session_spec *spec);
/* -EINVAL, and which value is out of which range. */
int session_spec_check(const struct session_spec *spec, struct message *ret);

/* These threads of spec->tgid alone; n = 0: all. -EINVAL with a sentence: too many, or one that is no thread of that process. */
int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret);

/* A copy of spec, owner, application and uid. 0 and *ret, or -ENOMEM. */
int session_new(const struct session *template, struct session **ret);
struct session *session_free(struct session *session);

#endif
