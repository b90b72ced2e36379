/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On rung 3, BPF programs may read the record while it is changed. A partly updated target does no harm, and the number of threads
 * is written last. */

#include "bpf/spec.h"

#include <errno.h>
#include <stdbool.h>

static bool is_among(const struct session_spec *spec, uint32_t tid) {
        for (uint32_t i = 0; i < spec->n_threads; i++)
                if ((uint32_t) spec->threads[i] == tid)
                        return true;
        return spec->n_threads == 0;
}

static bool leaves_out(const struct session_spec *spec, const struct session *session) {
        bool all = session->n_threads == 0;

        for (uint32_t i = 0; i < session->n_threads; i++)
                if (!is_among(spec, session->threads[i]))
                        return true;
        return all && spec->n_threads > 0;
}

static void apply_threads(const struct session_spec *spec, struct session *session) {
        for (uint32_t i = 0; i < spec->n_threads; i++)
                session->threads[i] = (uint32_t) spec->threads[i];
        __atomic_store_n(&session->n_threads, spec->n_threads, __ATOMIC_RELEASE);
}

int spec_apply(const struct session_spec *spec, struct session *session) {
        struct message message;
        bool leaves;

        if (session_spec_check(spec, &message) < 0) /* cannot happen, since the core has checked it */
                return -EINVAL;
        if (spec->flags & SESSION_CAP)
                (void) __atomic_fetch_or(&session->flags, SESSION_CAPS, __ATOMIC_RELAXED);
        else
                (void) __atomic_fetch_and(&session->flags, ~SESSION_CAPS, __ATOMIC_RELAXED);
        session->target = (struct policy_target){ spec->target_us, spec->permille, spec->window_us, spec->stale_us };
        leaves = leaves_out(spec, session);
        apply_threads(spec, session);
        return leaves;
}

void spec_counters(const struct session *session, struct session_counters *ret) {
        bool active = session->active;

        *ret = (struct session_counters){
                .samples = session->samples,
                .violations = session->violations,
                .invalid = session->invalid,
                .last_sample_ns = session->last_ns,
                .level = session->level,
                .estimate_us = active ? session->policy.estimate_us : 0, /* unknown unless the session is active */
                .delay_us = (session->delay_ns + 999) / 1000,            /* rounded up, because 0 means unknown */
                .active = active,
        };
}
