/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_SESSION_H
#define BPF_USER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "bpf/hint.h"
#include "bpf/policies.h"
#include "bpf/session-state.h"
#include "core/sessions/engine.h"

/* One session of rung 4: its ring, its kicks and its policy. The time is an argument; CPUs and other sessions are not handled
 * here. */

struct user_session;

/* Called when the client has kicked. */
typedef void (*user_session_kicked)(struct user_session *session, void *userdata);

/* The policy must outlive the session. 0; -EINVAL for a target out of its range; -ENOMEM, -EMFILE and the like. */
int user_session_new(sd_event *event, const struct builtin_policy *policy, const struct session_spec *spec,
                     user_session_kicked kicked, void *userdata, struct session_descriptors *ret_descriptors,
                     struct user_session **ret);
struct user_session *user_session_free(struct user_session *s);

/* As struct engine's change(), but with the return value of spec_apply(). New limits apply from the next sample or tick on. */
int user_session_change(struct user_session *s, const struct session_spec *spec);
void user_session_limit(struct user_session *s, const struct policy_limits *limits);

/* Reads the producer position of its ring. The caller then reads the clock, and then calls one of the functions below. */
void user_session_look(struct user_session *s);
/* Reads the ring up to that position after a kick. If the last kick was less than a millisecond ago it reads nothing and ignores
 * kicks until the next tick. */
void user_session_take_kick(struct user_session *s, uint64_t now_ns);
/* Reads the ring at a tick. The session may fall silent. */
void user_session_take_tick(struct user_session *s, uint64_t now_ns);
void user_session_report(struct user_session *s, const uint32_t *latencies_us, size_t n, uint64_t now_ns);

uint32_t user_session_slot(const struct user_session *s);
/* The session's record and its counters. */
const struct session *user_session_record(const struct user_session *s);
/* True if samples arrived within its stale time. */
bool user_session_is_active(const struct user_session *s);
/* True if the session needs ticks: it is active, records are left to be read, or kicks are ignored until the next tick. */
bool user_session_needs_ticks(const struct user_session *s);
/* Returns a negative errno, with a sentence, after the client has damaged its ring; otherwise 0. */
int user_session_error(const struct user_session *s, const char **ret_reason);
/* Returns its claim; for active sessions only. */
struct hint_claim user_session_claim(const struct user_session *s, uint64_t now_ns);

#endif
