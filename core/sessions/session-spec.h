/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_SPEC_H
#define CORE_SESSION_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "include/governord/qos.h"

/* The parameters of a session: its target, and the process and threads whose latencies count. */

/* Bits of session_spec.flags. */
#define SESSION_CAP          UINT32_C(0x1) /* the level is also a ceiling on CPUs that only such sessions use: saves energy */
#define SESSION_USER_RINGBUF UINT32_C(0x2) /* requests a BPF_MAP_TYPE_USER_RINGBUF, which is read only when it is kicked */

/* Where a session's latencies come from. */
enum session_source {
        SOURCE_RING, /* the application's ring and Report() */
        SOURCE_BUS,  /* only Report() */
};

struct session_spec {
        enum session_source source;
        uint32_t slot;      /* 0 .. SESSIONS_MAX - 1; not in use */
        uint32_t cookie;    /* not 0; differs from that of the previous session in the slot */
        pid_t tgid;         /* process whose threads count */
        uint32_t n_threads; /* number of `threads`, if only these count; 0: all threads of the process */
        pid_t threads[GOV_QOS_THREADS_MAX];
        uint32_t target_us, permille, window_us, stale_us; /* in the ranges of include/governord/qos.h */
        uint32_t flags;                                    /* SESSION_* */
        uid_t uid;                                         /* owner: memory that the kernel uses for the session is charged to this
                                                              user */
        uint32_t user_most;                                /* maximum number of sessions of this user; 0: only limited by space */
};

/* Replaces 0 for window or stale time by the default. */
void session_spec_complete(struct session_spec *spec);
/* Returns 0, or -EINVAL and a sentence: which value is out of which range. */
int session_spec_check(const struct session_spec *spec, struct message *ret);

/* Restricts the session to these threads of spec->tgid; n = 0: all threads. Returns 0, or -EINVAL and a sentence: too many threads,
 * or one that does not belong to that process. */
int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret);

#endif
