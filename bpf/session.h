/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_SESSION_H
#define BPF_SESSION_H

/*
 * The effects of samples and of elapsed time on a session, compiled into BPF and into the daemon. The time is an argument. A file
 * that includes this header must define session_decide(). Samples are not trusted: their kinds and times are checked here.
 */

#include "bpf/session-state.h"
#include "include/governord/ring.h"

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits);

static inline void session_decide_level(struct session *session, const struct policy_input *input) {
        uint32_t level = session_decide(&session->policy, input, &session->target, &session->limits);

        if (level > session->limits.ceiling)
                level = session->limits.ceiling;
        if (level < session->limits.floor)
                level = session->limits.floor;
        session->policy.level = level;
        session->level = level;
}

/* Returns true if the thread `tid` of the session's process counts. If the list contains a thread that has ended, another process
 * whose thread has the same ID now is not affected, because `tid` is always a thread of the session's process. */
static inline int session_follows(const struct session *session, uint32_t tid) {
        uint32_t n = session->n_threads;

        for (uint32_t i = 0; i < GOV_QOS_THREADS_MAX && i < n; i++)
                if (session->threads[i] == tid)
                        return 1;
        return n == 0;
}

/* Exponential smoothing with weight 1/8. A sample is limited to one second, so that a single long delay does not dominate. */
static inline uint32_t session_smooth(uint32_t old, uint64_t sample) {
        uint32_t value = sample > 1000000000 ? 1000000000 : (uint32_t) sample;

        return old == 0 ? value : old - old / 8 + value / 8;
}

/* Returns 0, or -1 for an invalid sample. */
static inline int session_check(const struct session *session, const struct governord_sample *sample, uint64_t now_ns) {
        if (sample->kind < GOVERNORD_RECORD_LATENCY || sample->kind > GOVERNORD_RECORD_CALM || sample->end_ns > now_ns)
                return -1;
        if (sample->reserved != 0)
                return -1;
        return sample->end_ns > 0 && now_ns - sample->end_ns > (uint64_t) session->target.stale_us * 1000 ? -1 : 0;
}

/* Processes a sample. `sample` must be a copy that the client cannot change. */
static inline void session_take(struct session *session, const struct governord_sample *sample, uint64_t now_ns) {
        struct policy_input input = { .now_ns = now_ns };

        if (session_check(session, sample, now_ns) < 0) {
                session->invalid++;
                return;
        }
        if (sample->kind == GOVERNORD_RECORD_LATENCY) {
                input.event = POLICY_SAMPLE;
                input.latency_us = sample->latency_us > GOVERNORD_LATENCY_MAX_US ? GOVERNORD_LATENCY_MAX_US : sample->latency_us;
                session->samples++;
                session->violations += sample->latency_us > session->target.target_us;
        } else
                input.event = sample->kind == GOVERNORD_RECORD_SPIKE ? POLICY_SPIKE : POLICY_CALM;
        if (sample->end_ns > 0)
                session->delay_ns = session_smooth(session->delay_ns, now_ns - sample->end_ns);
        session->last_ns = now_ns;
        session->active = 1;
        session_decide_level(session, &input);
}

/* Processes a tick. If no sample has arrived within the stale time, the session is no longer active. */
static inline void session_tick(struct session *session, uint64_t now_ns) {
        struct policy_input input = { .event = POLICY_TICK, .now_ns = now_ns };

        if (!session->active)
                return;
        if (now_ns > session->last_ns && now_ns - session->last_ns > (uint64_t) session->target.stale_us * 1000)
                input.event = POLICY_STALE;
        session_decide_level(session, &input);
        if (input.event != POLICY_STALE)
                return;
        session->active = 0;
        session->level = 0;
}

#endif
