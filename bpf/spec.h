/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SPEC_H
#define BPF_SPEC_H

#include "bpf/session-state.h"
#include "core/sessions/engine.h"

/* Converts between the core's description of a session (struct session_spec) and its record (struct session), for rungs 3 and 4. */

/* Copies target, threads and the flag SESSION_CAP into the record, which a BPF program may read at the same time. Returns 1 if a
 * thread that counted before does not count any more, otherwise 0. -EINVAL: a value is out of range, and nothing was changed. */
int spec_apply(const struct session_spec *spec, struct session *session);

void spec_counters(const struct session *session, struct session_counters *ret);

#endif
