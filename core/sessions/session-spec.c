/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks the parameters of a session. Values outside the ranges for which the policies are made are errors. */

#include "core/sessions/session-spec.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

void session_spec_complete(struct session_spec *spec) {
        if (spec->window_us == 0)
                spec->window_us = GOV_QOS_WINDOW_DEFAULT_US;
        if (spec->stale_us == 0)
                spec->stale_us = GOV_QOS_STALE_DEFAULT_US;
}

static int too_many_threads(size_t n, struct message *ret) {
        return message_error(ret, -EINVAL, "A session can follow up to %d threads, or all threads of its process; got %zu",
                             GOV_QOS_THREADS_MAX, n);
}

int session_spec_check(const struct session_spec *spec, struct message *ret) {
        const struct {
                const char *what, *unit;
                uint32_t value, min, max;
        } ranges[] = {
                { "target", " us", spec->target_us, GOV_QOS_TARGET_MIN_US, GOV_QOS_TARGET_MAX_US },
                { "percentile", " permille", spec->permille, GOV_QOS_PERMILLE_MIN, GOV_QOS_PERMILLE_MAX },
                { "window", " us", spec->window_us, GOV_QOS_WINDOW_MIN_US, GOV_QOS_WINDOW_MAX_US },
                { "stale time", " us", spec->stale_us, GOV_QOS_STALE_MIN_US, GOV_QOS_STALE_MAX_US },
        };

        if (spec->n_threads > GOV_QOS_THREADS_MAX)
                return too_many_threads(spec->n_threads, ret);
        for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
                if (ranges[i].value < ranges[i].min || ranges[i].value > ranges[i].max)
                        return message_error(ret, -EINVAL, "The %s of a session must be %u to %u%s; got %u", ranges[i].what,
                                             ranges[i].min, ranges[i].max, ranges[i].unit, ranges[i].value);
        return 0;
}

static bool is_thread(pid_t tgid, uint32_t tid) {
        char path[48];

        return TEXT_FORMAT(path, "/proc/%d/task/%u", (int) tgid, tid) >= 0 && access(path, F_OK) >= 0;
}

int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret) {
        if (n > GOV_QOS_THREADS_MAX)
                return too_many_threads(n, ret);
        for (size_t i = 0; i < n; i++)
                if (!is_thread(spec->tgid, threads[i]))
                        return message_error(
                                ret, -EINVAL,
                                "Process %d has no thread %u: the threads of a session must belong to the process that "
                                "opened it, and be named by their IDs in the PID namespace of the service",
                                (int) spec->tgid, threads[i]);
        for (size_t i = 0; i < n; i++)
                spec->threads[i] = (pid_t) threads[i];
        spec->n_threads = (uint32_t) n;
        return 0;
}
