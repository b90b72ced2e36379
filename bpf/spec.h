/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SPEC_H
#define BPF_SPEC_H

#include "bpf/session-state.h"
#include "core/sessions/engine.h"

/* Converts between the core's description of a session and the record that policies work on, for all rungs. */

/* Copies target, threads and flags into the record, even while a program reads it. Returns 1 if a thread that counted does not
 * count any more, otherwise 0. -EINVAL: out of range, and nothing has changed. */
int spec_apply(const struct session_spec *spec, struct session *session);

void spec_counters(const struct session *session, struct session_counters *ret);

#endif
