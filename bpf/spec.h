/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SPEC_H
#define BPF_SPEC_H

#include "bpf/session-state.h"
#include "core/sessions/engine.h"

/* Between the core's words for a session and the record that policies work on: the same on every rung. */

/* Takes over target, threads and flags, also while a program reads the record. Returns 1 when a thread that counted does not any more, else 0;
 * -EINVAL: out of range, nothing was changed. */
int spec_apply(const struct session_spec *spec, struct session *session);

void spec_counters(const struct session *session, struct session_counters *ret);

#endif
