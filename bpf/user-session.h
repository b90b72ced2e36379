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

/* A session of rung 4: its ring, its kicks and its policy. The time `now_ns` is CLOCK_MONOTONIC in nanoseconds. */

struct user_session;

/* Called after a kick of the client. */
typedef void (*user_session_kicked)(struct user_session *session, void *userdata);

/* The policy must outlive the session. The caller owns the returned descriptors. Returns 0; -EINVAL if the target is out of its
 * range; or -ENOMEM, -EMFILE and other errors of system calls. */
int user_session_new(sd_event *event, const struct builtin_policy *policy, const struct session_spec *spec,
                     user_session_kicked kicked, void *userdata, struct session_descriptors *ret_descriptors,
                     struct user_session **ret);
struct user_session *user_session_free(struct user_session *s);

/* Like struct engine's change(), but returns the value of spec_apply(). */
int user_session_change(struct user_session *s, const struct session_spec *spec);
/* Sets the limits, which apply from the next sample or tick on. */
void user_session_limit(struct user_session *s, const struct policy_limits *limits);

/* Reads the producer position of the ring. The caller reads the clock afterwards, and then calls one of the next two functions. */
void user_session_look(struct user_session *s);
/* Reads the ring up to this position after a kick. But if the last read after a kick was less than a millisecond ago, it reads
 * nothing, and kicks are ignored until the next tick. */
void user_session_take_kick(struct user_session *s, uint64_t now_ns);
/* Reads the ring up to this position at a tick. If no sample has arrived within the stale time, the session is no longer active. */
void user_session_take_tick(struct user_session *s, uint64_t now_ns);
/* Processes samples that came over D-Bus. */
void user_session_report(struct user_session *s, const uint32_t *latencies_us, size_t n, uint64_t now_ns);

uint32_t user_session_slot(const struct user_session *s);
const struct session *user_session_record(const struct user_session *s);
/* Returns true if a sample has arrived within the stale time, as determined at the last sample or tick. */
bool user_session_is_active(const struct user_session *s);
/* Returns true if the session is active, has unread records, or ignores kicks until the next tick. */
bool user_session_needs_ticks(const struct user_session *s);
/* Returns a negative errno, with a sentence in *ret_reason, if the ring became unreadable; otherwise 0. */
int user_session_error(const struct user_session *s, const char **ret_reason);
/* Returns the claim that the session has on its CPUs while it is active. */
struct hint_claim user_session_claim(const struct user_session *s, uint64_t now_ns);

#endif
