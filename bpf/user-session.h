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

/* One session of rung 4: its ring, its kicks and its policy. Time comes in; it knows nothing of CPUs and of other sessions. */

struct user_session;

/* The client asks for a look. */
typedef void (*user_session_kicked)(struct user_session *session, void *userdata);

/* The policy is borrowed. 0; -EINVAL for a target out of its range; -ENOMEM, -EMFILE and the like. */
int user_session_new(sd_event *event, const struct builtin_policy *policy, const struct session_spec *spec,
                     user_session_kicked kicked, void *userdata, struct session_descriptors *ret_descriptors,
                     struct user_session **ret);
struct user_session *user_session_free(struct user_session *s);

/* As struct engine's change(), but returns what spec_apply() does; new limits, from the next sample or tick on. */
int user_session_change(struct user_session *s, const struct session_spec *spec);
void user_session_limit(struct user_session *s, const struct policy_limits *limits);

/* Finds out how far its ring can be read; then read the clock, then call one of the others. */
void user_session_look(struct user_session *s);
/* Reads what the look saw; for a kick, unless there was one just now: then kicks are not heard before the next tick. */
void user_session_take_kick(struct user_session *s, uint64_t now_ns);
/* The same, and time passes: it may fall silent. */
void user_session_take_tick(struct user_session *s, uint64_t now_ns);
void user_session_report(struct user_session *s, const uint32_t *latencies_us, size_t n, uint64_t now_ns);

uint32_t user_session_slot(const struct user_session *s);
/* What it is, and its counters. */
const struct session *user_session_record(const struct user_session *s);
/* Samples came within its stale time. */
bool user_session_is_active(const struct user_session *s);
/* Ticks must go on: active, or something is left to be read or heard. */
bool user_session_needs_ticks(const struct user_session *s);
/* Negative errno after the client spoiled its ring, with a sentence; 0 fine. */
int user_session_error(const struct user_session *s, const char **ret_reason);
/* What it asks for; while active only. */
struct hint_claim user_session_claim(const struct user_session *s, uint64_t now_ns);

#endif
